import type { ComponentChildren } from 'preact'
import { ProblemPanel } from '../parts/problem.tsx'
import type { Problem } from '../api/problem.ts'

/** What an answer and a list have in common. */
interface Asked {
  readonly loading: boolean
  readonly problem: Problem | null
  reload(): void
}

interface AnsweredProps {
  readonly answer: Asked
  /** Whether it has been answered; what was stays while it is asked again. */
  readonly known: boolean
  /** In place of the rest if there is nothing; false: there is something. */
  readonly empty?: ComponentChildren
  readonly children?: ComponentChildren
}

/** What was answered, or why it was not, or that it is not there yet. */
export function Answered({ answer, known, empty = false, children }: AnsweredProps) {
  const { loading, problem, reload } = answer
  return (
    <div class="answered" aria-busy={loading}>
      {problem && <ProblemPanel problem={problem} retry={reload} />}
      {known ? empty || children : !problem && <p class="quiet">Loading…</p>}
    </div>
  )
}
