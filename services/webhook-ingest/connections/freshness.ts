import { DialpadFailure } from './dialpad/failure.ts'
import { refresh, type OAuthClient } from './dialpad/tokens.ts'
import type { Bearer } from './dialpad/calls.ts'
import type { Held } from './set-up.ts'

interface Parts {
  readonly client: OAuthClient
  readonly now: () => number
  readonly signal?: AbortSignal
}

/** A token that ends sooner is renewed before it is used. */
const marginMs = 60_000

/** Whether a token lasts long enough to be used. */
export function lasts(expiresAt: string | null, nowMs: number, forMs = marginMs): boolean {
  return expiresAt === null || Date.parse(expiresAt) - forMs > nowMs
}

/** The tokens of a held connection. Only who holds it may spend its refresh token, which is good for once. */
export function bearerOf(held: Held, { client, now, signal }: Parts): Bearer {
  const renew = async (): Promise<string> => {
    const again = held.current.secrets?.tokens.refresh
    if (!again) {
      throw new DialpadFailure('revoked', 'The token ended, and there is none to renew it with')
    }
    const circumstances = { nowMs: now(), ...(signal && { signal }) }
    const { tokens, expiresAt } = await refresh(client, again, circumstances)
    await held.save({ expiresAt, secrets: { ...held.current.secrets, tokens } })
    return tokens.access
  }
  let renewed = false
  return {
    async current() {
      const { expiresAt, secrets } = held.current
      if (secrets && lasts(expiresAt, now())) return secrets.tokens.access
      try {
        return await renew()
      } catch (error) {
        // For the minute it still lasts it will do.
        const willDo = secrets && isTemporary(error) && lasts(expiresAt, now(), 0)
        if (willDo) return secrets.tokens.access
        throw error
      }
    },
    async renew() {
      // Another one would be refused as well.
      if (renewed) throw new DialpadFailure('unauthorized', 'Dialpad refuses a token it just gave')
      renewed = true
      return renew()
    },
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof DialpadFailure && (error.kind === 'unreachable' || error.kind === 'busy')
}
