import type { DeprecatedOrigin, Guest } from './serve.ts'
import type { Session } from './index.ts'

const dayMs = 86_400_000
const maxUsers = 10_000

/** Who was told today; in a flood of users some are told again. */
let told = { since: 0, users: new Set<string>() }

/** Tells a client what will not work for ever: where it comes from, or how it showed who it is. */
export function notify(session: Session, { deprecated }: Guest): void {
  if (!session.modern) return
  if (deprecated) {
    session.send('notice', { code: 'deprecated-origin', text: textOf(deprecated) })
  }
  const { inQuery, app, sub } = session.principal
  if (inQuery && isNews(`${app}/${sub}`, Date.now())) {
    const text = 'The credential stood in the URL, where proxies log it: send it as a subprotocol.'
    session.send('notice', { code: 'query-credential', text })
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
