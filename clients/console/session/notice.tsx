import { describeState } from './pill.tsx'
import type { ConnectionState } from '@switchhook/browser'

/** What is wrong with the connection and what helps; nothing while it is well. */
export function Notice({ state, retry }: { state: ConnectionState; retry: () => void }) {
  if (state.name !== 'refused' && state.name !== 'closed') return null
  const fix = state.name === 'refused' ? state.fix : 'The hub ended the connection.'
  return (
    <div class="notice" role="alert">
      <p>
        <b>{describeState(state)}</b>
        <span>{fix || 'Ask whoever runs the hub.'}</span>
      </p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  )
}
