import { callCommand } from '../commands.ts'
import { Code } from '../parts/copy.tsx'
import { hrefOf } from '../route.ts'
import type { ConnectionState } from '@switchhook/browser'

interface EmptyProps {
  readonly filter: string
  readonly state: ConnectionState
  readonly onClear: () => void
}

/** Why there is nothing to see, and what would change that. */
export function Empty({ filter, state, onClear }: EmptyProps) {
  if (filter !== '') {
    return (
      <div class="empty">
        <h2>No call matches “{filter}”</h2>
        <button type="button" onClick={onClear}>
          Show all calls
        </button>
      </div>
    )
  }
  if (state.name !== 'live') {
    return (
      <div class="empty">
        <h2>{state.name === 'refused' ? 'Not connected' : 'Waiting for the hub'}</h2>
        <p class="quiet">The calls appear here when the hub has told of them.</p>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>No calls now</h2>
      <p>A call appears here the moment its provider tells of it. This plays one:</p>
      <Code text={callCommand} label="Command that plays a sample call" />
      <p class="quiet">
        It asks for a key the first time: <a href={hrefOf({ page: 'try' })}>Try it</a> has the
        steps.
      </p>
    </div>
  )
}
