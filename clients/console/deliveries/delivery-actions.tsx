import { Dialog } from '../operate/dialog.tsx'
import type { KeptDelivery } from './delivery.ts'

/** What is asked before it is done. */
export type Question = 'reveal' | 'remove'

interface DeliveryActionsProps {
  readonly kept: KeptDelivery
  readonly revealed: boolean
  readonly onAgain: () => void
  readonly onAsk: (question: Question) => void
  readonly onHide: () => void
}

/** What can be done with a delivery; with a purged one nothing can. */
export function DeliveryActions({ kept, revealed, onAgain, onAsk, onHide }: DeliveryActionsProps) {
  if (kept.request === null) return null
  return (
    <p class="actions">
      <button type="button" onClick={onAgain}>
        Run again
      </button>
      {revealed ? (
        <button type="button" onClick={onHide}>
          Hide
        </button>
      ) : (
        <button type="button" onClick={() => onAsk('reveal')}>
          Reveal…
        </button>
      )}
      <button type="button" onClick={() => onAsk('remove')}>
        Remove…
      </button>
    </p>
  )
}

interface DialogProps {
  readonly onSubmit: () => Promise<void>
  readonly onClose: () => void
}

/** Asks before somebody sees what is hidden. */
export function AskReveal(props: DialogProps) {
  return (
    <Dialog title="Reveal the request?" submit="Reveal" {...props}>
      <p>
        You will see telephone numbers, what people said, and the signature. That you looked is kept
        in the audit of the app.
      </p>
    </Dialog>
  )
}

/** Asks before what a delivery said is removed. */
export function AskRemove(props: DialogProps) {
  return (
    <Dialog title="Remove what it said?" submit="Remove" grave {...props}>
      <p>
        Its request is deleted and cannot be read or run again. That it came is remembered, so a
        copy is still known as one, and its events stay in the log.
      </p>
    </Dialog>
  )
}
