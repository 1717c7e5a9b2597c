import { useEffect, useRef } from 'preact/hooks'
import { Code } from '../parts/copy.tsx'
import { Moment } from '../operate/moment.tsx'
import { open } from '../operate/dialog.tsx'

/** A key that was just made: the only moment in which its text is known. */
export interface FreshKey {
  readonly key: string
  readonly prefix: string
  readonly expiresAt: string | null
  /** Until when the keys before it are accepted. */
  readonly graceUntil: string | null
}

/** Shows a key once. It is in this dialog and nowhere else. */
export function ShownKey({ fresh, onClose }: { fresh: FreshKey; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const done = useRef<HTMLButtonElement>(null)
  useEffect(() => open(dialog.current), [])
  // What cannot be shown again does not go by a key that was pressed by habit.
  const stay = (event: Event): void => {
    event.preventDefault()
    done.current?.focus()
  }
  return (
    <dialog
      ref={dialog}
      class="question wide"
      aria-labelledby="fresh-title"
      onCancel={stay}
      onClose={onClose}
    >
      <h2 id="fresh-title">Your new API key</h2>
      <p class="warning">
        <b>Copy it now: it is not shown again.</b> Nobody can look it up, not even here. Whoever has
        it sees all calls of the app.
      </p>
      <Code text={fresh.key} label="API key" />
      <p class="quiet">
        {fresh.expiresAt === null ? (
          'It has no last day.'
        ) : (
          <>
            It ends <Moment time={fresh.expiresAt} />.
          </>
        )}{' '}
        {fresh.graceUntil !== null && (
          <>
            The key before it is accepted until <Moment time={fresh.graceUntil} />.
          </>
        )}
      </p>
      <p class="buttons">
        <button ref={done} type="button" class="primary" onClick={() => dialog.current?.close()}>
          I have copied it
        </button>
      </p>
    </dialog>
  )
}
