import { Dialog } from '../operate/dialog.tsx'
import type { Mapping } from './mapping.ts'

interface RemoveUserProps {
  readonly mapping: Mapping
  readonly onSubmit: () => Promise<void>
  readonly onClose: () => void
}

/** Asks before somebody loses calls. */
export function RemoveUser({ mapping: { value, sub }, onSubmit, onClose }: RemoveUserProps) {
  return (
    <Dialog
      title={`Remove ${value}?`}
      submit="Remove the mapping"
      grave
      onSubmit={onSubmit}
      onClose={onClose}
    >
      <p>
        Calls of {value} are no longer those of <b>{sub}</b>. An agent who sees only their own calls
        does not see these any more.
      </p>
    </Dialog>
  )
}
