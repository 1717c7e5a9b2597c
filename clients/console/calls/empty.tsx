import { callCommand } from '../commands.ts'
import { Code } from '../parts/copy.tsx'
import { amend, hrefOf } from '../route.ts'

/** Why no call was found, and what would change that. */
export function Empty({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <>
        <h2>No call matches these filters</h2>
        <button type="button" onClick={() => amend({ page: 'calls' })}>
          Show all calls
        </button>
      </>
    )
  }
  return (
    <>
      <h2>No calls yet</h2>
      <p>Every call that a provider tells of is kept here. This plays one:</p>
      <Code text={callCommand} label="Command that plays a sample call" />
      <p class="quiet">
        It asks for a key the first time: <a href={hrefOf({ page: 'try' })}>Try it</a> has the
        steps.
      </p>
    </>
  )
}
