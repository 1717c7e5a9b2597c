const key = 'switchhook.token'

/** What the page shows of a token. It is not verified here: the hub does that. */
export interface Claims {
  readonly user: string | null
  /** Unix seconds. */
  readonly exp: number | null
}

/**
 * The token of this tab. One that came in the fragment of the address is taken out of it first, so that it is in no
 * history, no bookmark and no copied link; fragments are never sent to a server.
 */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return stored((storage) => storage.getItem(key))
  history.replaceState(null, '', location.pathname + location.search)
  keepToken(token)
  return token
}

/** Remembers the token until the tab is closed. */
export function keepToken(token: string): void {
  stored((storage) => storage.setItem(key, token))
}

export function forgetToken(): void {
  stored((storage) => storage.removeItem(key))
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
    return { user: textOf(email) ?? textOf(sub), exp: typeof exp === 'number' ? exp : null }
  } catch {
    return null
  }
}

/** Some browsers forbid storage: then the token lasts as long as the page. */
function stored<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(sessionStorage)
  } catch {
    return null
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
