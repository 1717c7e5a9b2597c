import type { RefObject } from 'preact'
import { useState } from 'preact/hooks'
import { problemOf, type Problem } from '../api/problem.ts'
import { textIn } from '../operate/text-in.ts'
import { ProblemPanel } from '../parts/problem.tsx'
import { startTrace } from './traces.ts'
import type { Credential } from '../api/credential.ts'

interface StartTraceProps {
  readonly credential: Credential
  readonly field: RefObject<HTMLInputElement | null>
  readonly onStart: () => void
}

const minutes = [10, 30, 60] as const

/** Asks whose SIP is to be written down, and for how long. */
export function StartTrace({ credential, field, onStart }: StartTraceProps) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const start = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const fields = new FormData(form)
    const started = await startTrace(
      credential,
      textIn(fields, 'aor'),
      Number(textIn(fields, 'minutes')),
    ).catch(problemOf)
    if ('until' in started) {
      form.reset()
      setProblem(null)
      onStart()
    } else setProblem(started)
  }
  return (
    <>
      <form class="fields" aria-label="Trace a user" onSubmit={(event) => void start(event)}>
        <label class="field wide">
          SIP user
          <input
            ref={field}
            name="aor"
            required
            maxLength={255}
            placeholder="sip:1001@example.com, or 1001"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <label class="field">
          For
          <select name="minutes">
            {minutes.map((count) => (
              <option key={count} value={count}>
                {count} min
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary">
          Trace
        </button>
      </form>
      {problem && <ProblemPanel problem={problem} />}
      <p class="quiet">
        What the phone and the PBX say to each other is written down without passwords, tokens and
        media keys, and goes an hour after the end. That you asked for it is kept in the audit.
      </p>
    </>
  )
}
