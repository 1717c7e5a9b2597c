import { valueOf, type SipText } from './text.ts'

/** A user, at a host or at any. */
export interface Aor {
  readonly user: string
  /** In lower case, without a port; null: any. */
  readonly host: string | null
}

/** What stands between angle brackets, or else what comes first; no name in quotes is taken for it. */
const quoted = /"(?:[^"\\]|\\.)*\\?(?:"|$)/g
const bracketed = /<([^<>]*)>/g

/** Reads `sip:1001@example.com`, `1001@example.com` or `1001`; null if it names no user. */
export function aorIn(text: string): Aor | null {
  const [, user, host] =
    /^(?:sips?:|tel:)?([^@:;?<>\s]+)(?::[^@\s]*)?(?:;[^@\s]*)?(?:@(\[[^\]\s]*\]|[^:;?<>@\s]+))?/i.exec(
      text.trim(),
    ) ?? []
  if (user === undefined) return null
  return { user: decoded(user), host: host?.toLowerCase() ?? null }
}

/** `sip:1001@example.com`, or `1001` at any host. */
export function aorText({ user, host }: Aor): string {
  return host === null ? user : `sip:${user}@${host}`
}

/** Whether both may be the same user. */
export function isSame(one: Aor, other: Aor): boolean {
  if (one.user !== other.user) return false
  return one.host === null || other.host === null || one.host === other.host
}

/** Whom a message names: the two parties, whom it is sent to, and the users of its contacts, whatever their hosts. */
export function namedIn(text: SipText): readonly Aor[] {
  const [method, uri = ''] = text.startLine.split(' ')
  const parties = [...addressesIn(text, 'from'), ...addressesIn(text, 'to')]
  const target = /^SIP\//i.test(method ?? '') ? [] : sipUser(uri)
  const contacts = addressesIn(text, 'contact').map(({ user }) => ({ user, host: null }))
  return [...parties, ...target, ...contacts]
}

/** The address of the first header of this name; null if there is none. */
export function addressIn(text: SipText, name: 'from' | 'to'): Aor | null {
  return addressesIn(text, name)[0] ?? null
}

function addressesIn(text: SipText, name: string): Aor[] {
  const plain = valueOf(text, name).replaceAll(quoted, '')
  const found = [...plain.matchAll(bracketed)].map(([, uri = '']) => uri)
  if (found.length === 0) found.push(/^[^;,\s]*/.exec(plain)![0])
  return found.flatMap(sipUser)
}

/** The user of an address that names one: a host alone is nobody. */
function sipUser(uri: string): Aor[] {
  const aor = /^tel:|@/i.test(uri) ? aorIn(uri) : null
  return aor ? [aor] : []
}

/** As it is where it hides what no store takes, or cannot be read. */
function decoded(user: string): string {
  try {
    const text = decodeURIComponent(user)
    return /\p{Cc}/u.test(text) ? user : text
  } catch {
    return user
  }
}
