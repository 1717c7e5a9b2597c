import { callCommand } from '../commands.ts'
import { Code } from '../parts/copy.tsx'
import { hrefOf } from '../route.ts'

/** Why there is nothing in the list, and what would change that. */
export function Empty({ query }: { query: URLSearchParams }) {
  if (query.has('status') || query.has('provider')) {
    return (
      <div class="empty">
        <h2>No delivery matches</h2>
        {query.get('status') === 'quarantined' && (
          <p class="quiet">Everything that providers signed could be read.</p>
        )}
        <a href={hrefOf({ page: 'deliveries' })}>Show all deliveries</a>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>No deliveries yet</h2>
      <p>Every webhook that a provider signed appears here, as it came. This sends one:</p>
      <Code text={callCommand} label="Command that plays a sample call" />
      <p class="quiet">
        What is refused leaves nothing here: the provider's portal and the log tell why.
      </p>
    </div>
  )
}
