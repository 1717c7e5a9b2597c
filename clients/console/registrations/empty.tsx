import { Code } from '../parts/copy.tsx'
import { sipCommand } from '../commands.ts'

/** Why nobody is registered, and what would change that. */
export function Empty() {
  return (
    <>
      <h2>Nobody is registered</h2>
      <p>
        A phone in a browser appears here as soon as its PBX has taken it. This finds out whether a
        PBX of yours takes browsers at all, and prints what to put into{' '}
        <code>SIP_UPSTREAMS_FILE</code>:
      </p>
      <Code text={sipCommand} label="Command that tries a PBX" />
      <p class="quiet">
        Then connect JsSIP or SIP.js to <code>/api/sip-ws/…</code> with the name of the upstream.
      </p>
    </>
  )
}
