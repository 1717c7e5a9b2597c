import { voicemailCommand } from '../commands.ts'
import { Code } from '../parts/copy.tsx'
import { amend } from '../route.ts'

/** Why no voicemail was found, and what would change that. */
export function Empty({ query }: { query: URLSearchParams }) {
  const all = { page: 'voicemails', query: { heard: 'all' } } as const
  const others = [...query.keys()].some((name) => name !== 'heard')
  if (others || query.get('heard') === 'true') {
    return (
      <>
        <h2>No voicemail matches these filters</h2>
        <button type="button" onClick={() => amend(all)}>
          Show all voicemails
        </button>
      </>
    )
  }
  return (
    <>
      <h2>{query.get('heard') === 'all' ? 'No voicemails yet' : 'Nothing left to hear'}</h2>
      <p>
        What a caller leaves appears here when its provider tells of it. Among the calls that this
        plays are some that nobody takes:
      </p>
      <Code text={voicemailCommand} label="Command that plays calls with voicemails" />
      {query.get('heard') !== 'all' && (
        <button type="button" onClick={() => amend(all)}>
          Show those that were heard
        </button>
      )}
    </>
  )
}
