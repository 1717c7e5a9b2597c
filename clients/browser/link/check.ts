import { isAuth, isOrigin, refuse, type Refusal } from './close.ts'

/** What the hub says of a connection from here. */
export interface Diagnosis {
  readonly message: string
  /** Trying again cannot help: somebody has to do something first. */
  readonly refusal: Refusal | null
}

interface CheckAnswer {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
  readonly origin: string | null
}

const deadlineMs = 5_000

/**
 * Asks the hub's check route, which any page may read, why the socket of this address fails; null if it has nothing
 * to say, or cannot be asked.
 */
export async function diagnose({ href }: URL, token: string): Promise<Diagnosis | null> {
  const url = href.replace('ws', 'http').replace(/\/ws(\/call)?(\?.*)?$/, '/api/ws/check')
  try {
    const response = await fetch(url, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(deadlineMs),
    })
    const { ok, code, message, fix, origin }: CheckAnswer = await response.json()
    // Where no token was sent, its absence is no news.
    if (ok || (isAuth(code) && !token)) return null
    const final = isOrigin(code) || isAuth(code)
    return { message, refusal: final ? refuse(code, origin, fix) : null }
  } catch {
    return null
  }
}
