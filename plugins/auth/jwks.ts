import { unavailable } from './errors.ts'
import { jwkKey, matching, type Jwk, type KeySource, type VerificationKey } from './keys.ts'

interface Parts {
  readonly url: string
  /** Told of the first failure after a success. */
  readonly onFailure: (error: unknown) => void
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** Between two requests that unknown keys ask for, however many ask. */
const cooldownMs = 30_000
/** While there is no key at all nobody comes in: sooner then. */
const impatientMs = 5_000
/** Older keys are asked for again while they still serve, so that a withdrawn one is noticed. */
const staleMs = 600_000
const timeoutMs = 5_000
const maxBytes = 262_144
/** Keys of a set; the rest are ignored. */
const maxKeys = 32

/** The keys that are published at an address (RFC 7517 §5): fetched in the background, again when an unknown one is met. */
export class KeySet implements KeySource {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  #keys: readonly VerificationKey[] = []
  #revision = 0
  #askedAt = -Infinity
  #fetching: Promise<void> | null = null
  #failing = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get revision(): number {
    return this.#revision
  }

  /** Fetches the keys unless that was tried a moment ago; a failure keeps those there are. */
  refresh(): Promise<void> {
    const pause = this.#keys.length === 0 ? impatientMs : cooldownMs
    if (this.#fetching === null && this.#age < pause) return Promise.resolve()
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null))
    return this.#fetching
  }

  async find(header: { alg?: unknown; kid?: unknown }): Promise<readonly VerificationKey[]> {
    const known = matching(this.#keys, header)
    if (known.length > 0) {
      // It never rejects, and nobody waits for it.
      if (this.#age > staleMs) void this.refresh()
      return known
    }
    await this.refresh()
    if (this.#keys.length === 0) throw unavailable('JWKS_URL')
    return matching(this.#keys, header)
  }

  close(): void {
    this.#stop.abort()
  }

  get #age(): number {
    return this.#now() - this.#askedAt
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)()
  }

  async #fetch(): Promise<void> {
    this.#askedAt = this.#now()
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)])
      this.#replace(keysOf(await download(this.#parts.url, signal)))
      this.#failing = false
    } catch (error) {
      if (!this.#failing && !this.#stop.signal.aborted) this.#parts.onFailure(error)
      this.#failing = true
    }
  }

  #replace(keys: readonly VerificationKey[]): void {
    const kept = new Set(keys.map(({ key }) => key))
    if (this.#keys.some(({ key }) => !kept.has(key))) this.#revision += 1
    this.#keys = keys
  }
}

/** @throws if the answer is late, too long or not what was asked for */
async function download(url: string, signal: AbortSignal): Promise<string> {
  const accept = 'application/jwk-set+json, application/json'
  // Whoever answers with another address is not whom we were told to trust.
  const response = await fetch(url, { headers: { accept }, redirect: 'error', signal })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`the keys were answered with ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxBytes) throw new Error(`the keys are more than ${maxBytes} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

/** @throws if it is no set, or one without a usable key: better the old ones then */
function keysOf(text: string): VerificationKey[] {
  const { keys } = JSON.parse(text) as { keys?: unknown }
  if (!Array.isArray(keys)) throw new Error('the answer is no JWK Set')
  const usable = keys
    .slice(0, maxKeys)
    .map((jwk: unknown) => (jwk !== null && typeof jwk === 'object' ? jwkKey(jwk as Jwk) : null))
    .filter((key) => key !== null)
  if (usable.length === 0) throw new Error('the JWK Set has no key that tokens may be signed with')
  return usable
}
