import type { FastifyBaseLogger } from 'fastify'

interface Refused {
  readonly origin: string
  readonly fix: string
  /** Unix milliseconds. */
  readonly now: number
}

interface Said {
  quietUntil: number
  unsaid: number
}

const minuteMs = 60_000
/** In a flood of invented origins only the first of a minute are named. */
const namedOrigins = 1_000

/** Logs the first refusal of an origin, then at most one line a minute that counts those in between. */
export function refusalLog(log: FastifyBaseLogger): (refused: Refused) => void {
  const seen = new Map<string, Said>()
  return ({ origin, fix, now }) => {
    const said = seen.get(origin)
    if (said && now < said.quietUntil) {
      said.unsaid += 1
      return
    }
    if (!said && seen.size >= namedOrigins) forgetQuiet(seen, now)
    if (!said && seen.size >= namedOrigins) return
    log.warn({ origin, refused: 1 + (said?.unsaid ?? 0), fix }, 'origin refused')
    seen.set(origin, { quietUntil: now + minuteMs, unsaid: 0 })
  }
}

function forgetQuiet(seen: Map<string, Said>, now: number): void {
  for (const [origin, { quietUntil }] of seen) if (now >= quietUntil) seen.delete(origin)
}
