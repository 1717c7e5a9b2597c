import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { credentialOf, type Credential } from '../api/credential.ts'
import type { Refusal } from '@switchhook/browser'

type Kind = Credential['kind']

/** What this tab may show the hub; one, both or none. */
export type Credentials = Readonly<Record<Kind, Credential | null>>

/** The credentials, and what can be done about them. */
export interface Session extends Credentials {
  /** Why the hub would not have the last token. */
  readonly refusal: Refusal | null
  signIn(credential: Credential): void
  /** Forgets one that is not good any more; its pages ask for another. */
  forget(kind: Kind, why?: Refusal): void
  /** Forgets all. */
  signOut(): void
}

export const SessionContext = createContext<Session>({
  token: null,
  secret: null,
  refusal: null,
  signIn: () => {},
  forget: () => {},
  signOut: () => {},
})

/** The session of those who are signed in. */
export const useSession = (): Session => useContext(SessionContext)

/** What the page shows of a token. It is not verified here: the hub does that. */
export interface Claims {
  readonly user: string | null
  /** The id of the user, as records name who did something. */
  readonly sub: string | null
  /** Unix seconds. */
  readonly exp: number | null
}

const storageKey = (kind: Kind): string => `switchhook.${kind}`

/**
 * The credentials of this tab. One that came in the fragment of the address is taken out of it first, so that it is in
 * no history, no bookmark and no copied link; fragments are never sent to a server.
 */
export function takeCredentials(): Credentials {
  const handed = location.hash.startsWith('#/')
    ? null
    : new URLSearchParams(location.hash.slice(1)).get('token')
  if (handed !== null) {
    history.replaceState(null, '', location.pathname + location.search)
    // What looks like nothing is refused by the hub, which says why.
    keep(credentialOf(handed) ?? { kind: 'token', text: handed })
  }
  return { token: kept('token'), secret: kept('secret') }
}

/** Remembers a credential until the tab is closed. */
export function keep({ kind, text }: Credential): void {
  memory.set(kind, text)
  stored((storage) => storage.setItem(storageKey(kind), text))
}

export function forget(kind: Kind): void {
  memory.delete(kind)
  stored((storage) => storage.removeItem(storageKey(kind)))
}

/** The claims of a JWT; null if the text is none. */
export function readClaims(token: string): Claims | null {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return null
  try {
    const base64 = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (char) => char.codePointAt(0)!)
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof claims !== 'object' || claims === null) return null
    const { email, sub, exp } = claims as Record<string, unknown>
    return {
      user: textOf(email) ?? textOf(sub),
      sub: textOf(sub),
      exp: typeof exp === 'number' ? exp : null,
    }
  } catch {
    return null
  }
}

/** Some browsers forbid storage: then a credential lasts as long as the page. */
const memory = new Map<Kind, string>()

function kept(kind: Kind): Credential | null {
  const text = stored((storage) => storage.getItem(storageKey(kind))) ?? memory.get(kind)
  return text === undefined ? null : { kind, text }
}

function stored<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(sessionStorage)
  } catch {
    return null
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
