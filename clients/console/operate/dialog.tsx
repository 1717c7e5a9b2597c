import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf, type Problem } from '../api/problem.ts'
import { ProblemPanel } from '../parts/problem.tsx'

interface DialogProps {
  readonly title: string
  /** What the button that does it says; null: there is nothing to be done. */
  readonly submit: string | null
  /** It cannot be undone. */
  readonly grave?: boolean
  readonly wide?: boolean
  readonly children: ComponentChildren
  /** What rejects is shown, and the dialog stays; it stays for `stay`, too. */
  readonly onSubmit: (fields: FormData) => Promise<void | 'stay'>
  readonly onClose: () => void
}

/** Asks before something is done, or for what is needed to do it. The focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  const { title, submit, grave, wide, children, onSubmit, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => open(dialog.current), [])
  const run = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    const end = await onSubmit(new FormData(event.target as HTMLFormElement)).catch(problemOf)
    if (end === undefined) dialog.current?.close()
    else if (end !== 'stay') setProblem(end)
    setBusy(false)
  }
  return (
    <dialog
      ref={dialog}
      class={wide ? 'question wide' : 'question'}
      aria-labelledby="question-title"
      onClose={onClose}
    >
      <form onSubmit={(event) => void run(event)}>
        <h2 id="question-title">{title}</h2>
        {children}
        {problem && <ProblemPanel problem={problem} />}
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {submit === null ? 'Close' : 'Cancel'}
          </button>
          {submit !== null && (
            <button type="submit" class={grave ? 'danger' : 'primary'} aria-busy={busy}>
              {submit}
            </button>
          )}
        </p>
      </form>
    </dialog>
  )
}

/** Shows it. What had the focus may be gone when it is over: then the page's title has it. */
export function open(dialog: HTMLDialogElement | null): () => void {
  dialog?.showModal()
  return () => {
    if (document.activeElement === document.body) {
      document.querySelector<HTMLElement>('main h1')?.focus()
    }
  }
}
