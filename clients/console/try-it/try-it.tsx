import { base, callCommand, demoCommand, keyCommand, tokenCommand } from '../commands.ts'
import { readClaims, useSession } from '../session/session.ts'
import { Code, CopyButton } from '../parts/copy.tsx'
import { formatClock } from '../parts/time.ts'
import { snippet } from './snippet.ts'
import type { PageProps } from '../page.ts'

/** From nothing to a first client of one's own. */
export function TryIt({ credential: { text: token } }: PageProps) {
  const { signOut } = useSession()
  return (
    <main class="try">
      <h1>Try it</h1>
      <section>
        <h2>
          <span class="step">1</span> Play a sample call
        </h2>
        <p>One inbound call, signed like the provider signs, from ringing to hangup:</p>
        <Code text={callCommand} label="Command that plays a sample call" />
        <details>
          <summary>The first time it needs a key</summary>
          <p>This suite accepts only webhooks that are signed with a key it knows. Make a pair,</p>
          <Code text={keyCommand} label="Command that prints a pair of keys" />
          <p>
            give the public one to the suite as <code>TELNYX_PUBLIC_KEY</code> and start it again;
            the private one goes before the command above, as <code>TELNYX_PRIVATE_KEY=…</code>.
          </p>
        </details>
        <p class="quiet">Just looking? This starts a second suite that plays calls without end:</p>
        <Code text={demoCommand} label="Command that starts a demonstration" />
      </section>
      <section>
        <h2>
          <span class="step">2</span> Get a token for your client
        </h2>
        <Code text={tokenCommand} label="Command that prints a token" />
        <p>
          Or borrow the one of this page: <CopyButton text={token} label="Copy my token" />
          <Expiry token={token} />
        </p>
      </section>
      <section>
        <h2>
          <span class="step">3</span> Connect
        </h2>
        <p>
          Plain JavaScript, for the console of a browser or for Node 22 and later. It begins with
          the live calls, and goes on where it stopped when the connection was lost.
        </p>
        <Code text={snippet(socketUrl())} label="A client in plain JavaScript" />
      </section>
      <p class="quiet">
        Signed in as {readClaims(token)?.user ?? 'somebody'}.{' '}
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </p>
    </main>
  )
}

function Expiry({ token }: { token: string }) {
  const { exp = null } = readClaims(token) ?? {}
  if (exp === null) return null
  const at = new Date(exp * 1_000)
  const sameDay = at.toDateString() === new Date().toDateString()
  const when = sameDay ? formatClock(at.toISOString()) : at.toLocaleString()
  return <span class="quiet"> valid until {when}</span>
}

function socketUrl(): string {
  return `${base}/ws/call`.replace(/^http/, 'ws')
}
