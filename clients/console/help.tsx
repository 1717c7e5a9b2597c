import { useEffect, useRef } from 'preact/hooks'

const keys = [
  ['/', 'Filter'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open it'],
  ['c', "Copy the call's id"],
  ['h', 'Mark the voicemail as heard, or as new'],
  ['r', 'Refresh the list'],
  ['Esc', 'Back: close the call, leave or clear the filter'],
  ['?', 'This help'],
] as const

/** What the keys do. */
export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
