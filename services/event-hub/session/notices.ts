import type { Client } from './door.ts'

/** What a page is told about where it comes from. */
export interface DeprecatedOrigin {
  readonly origin: string
  readonly until: string
  readonly successor: string | null
}

const dayMs = 86_400_000
const maxUsers = 10_000

/** Who was told today; in a flood of users some are told again. */
let told = { since: 0, users: new Set<string>() }

/** Tells a client what will not work for ever: where it comes from, or how it showed who it is. */
export function notify(client: Client, deprecated: DeprecatedOrigin | null): void {
  if (!client.modern) return
  if (deprecated) {
    client.send('notice', { code: 'deprecated-origin', text: textOf(deprecated) })
  }
  const { inQuery, app, sub } = client.principal
  if (inQuery && isNews(`${app}/${sub}`, Date.now())) {
    const text = 'The credential stood in the URL, where proxies log it: send it as a subprotocol.'
    client.send('notice', { code: 'query-credential', text })
  }
}

function textOf({ origin, until, successor }: DeprecatedOrigin): string {
  const next = successor === null ? '' : `; its successor is ${successor}`
  return `${origin} may connect until ${until}${next}.`
}

function isNews(user: string, now: number): boolean {
  if (now - told.since > dayMs || told.users.size >= maxUsers)
    told = { since: now, users: new Set() }
  if (told.users.has(user)) return false
  told.users.add(user)
  return true
}
