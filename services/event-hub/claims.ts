import type { LiveEvent } from './feed/index.ts'
import type { ClaimAnswer, ClaimRequest, Claims } from '@switchhook/shared/claims'

/** Claims that are remembered; of further ones the time alone ends them. */
const maxCalls = 10_000
const longestMs = 30_000

/** The claims that were granted here, so that they end with their calls. */
export class ClaimDesk implements Claims {
  readonly #claims: Claims
  readonly #onError: (error: unknown) => void
  /** When the last claim on a call ends by itself, by app and call. */
  readonly #until = new Map<string, number>()

  constructor(claims: Claims, onError: (error: unknown) => void) {
    this.#claims = claims
    this.#onError = onError
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const answer = await this.#claims.claim(request)
    if (answer.granted) this.#remember(keyOf(request.app, request.call), Date.now())
    return answer
  }

  release(request: Parameters<Claims['release']>[0]): Promise<boolean> {
    return this.#claims.release(request)
  }

  endOfCall(app: string, calls: readonly string[]): Promise<void> {
    return this.#claims.endOfCall(app, calls)
  }

  /** When a call is over, whoever granted a claim on it takes it away. */
  learn({ app, data: { call, state } }: LiveEvent): void {
    if (this.#until.size === 0 || !call || state?.phase !== 'ended') return
    if (this.#until.delete(keyOf(app, call.id))) {
      this.endOfCall(app, [call.id]).catch(this.#onError)
    }
  }

  #remember(key: string, now: number): void {
    // In the order they end, for each is as long as any.
    this.#until.delete(key)
    this.#until.set(key, now + longestMs)
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size <= maxCalls) return
      this.#until.delete(oldest)
    }
  }
}

function keyOf(app: string, call: string): string {
  return `${app}/${call}`
}
