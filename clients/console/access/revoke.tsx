import { Dialog } from '../operate/dialog.tsx'
import type { ApiKey } from './key-standing.ts'

interface RevokeProps {
  readonly target: ApiKey
  /** Keys that are accepted now, this one among them. */
  readonly live: readonly ApiKey[]
  readonly onSubmit: () => Promise<void>
  readonly onClose: () => void
}

/** Asks before a key is ended for ever. */
export function Revoke({ target, live, onSubmit, onClose }: RevokeProps) {
  const others = live.length - 1
  return (
    <Dialog
      title={`Revoke ${target.prefix}…?`}
      submit="Revoke the key"
      grave
      onSubmit={onSubmit}
      onClose={onClose}
    >
      <p>
        From now on every request with it is refused, and its open connections are closed. That
        cannot be undone.
      </p>
      <p>
        {others === 0
          ? 'It is the only key of this app: its programs get nothing until they have a new one.'
          : `${others} other ${others === 1 ? 'key stays' : 'keys stay'} in use.`}
      </p>
    </Dialog>
  )
}
