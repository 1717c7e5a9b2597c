import { isRemark } from '@switchhook/shared/events'
import type { FastifyInstance } from 'fastify'
import type { LiveEvent } from './feed/index.ts'
import type { Hub } from './hub.ts'

/** How a provider usually delivers to an app. */
interface Rhythm {
  /** Unix milliseconds. */
  lastAt: number
  /** Milliseconds between two events, on a moving average. */
  gap: number
  events: number
  told: boolean
}

/** A provider that is silent for so many times its usual gap is worth a word. */
const gaps = 20
/** Never sooner than that: a shop has quiet hours. */
const leastMs = 600_000
/** Before so many events nothing is usual. */
const enoughEvents = 20
const weight = 0.05
const lookMs = 10_000
/** Apps times providers. */
const maxRhythms = 10_000

/** Notices that a provider has fallen silent, by how often it is heard otherwise. */
export class Silence {
  readonly #rhythms = new Map<
    string,
    Rhythm & { readonly app: string; readonly provider: string }
  >()

  learn({ app, type, data }: LiveEvent, now = Date.now()): void {
    const provider = data.call?.provider
    if (provider === undefined || isRemark(type)) return
    const key = `${app}/${provider}`
    const rhythm = this.#rhythms.get(key)
    if (!rhythm) {
      if (this.#rhythms.size >= maxRhythms) return
      this.#rhythms.set(key, { app, provider, lastAt: now, gap: 0, events: 1, told: false })
      return
    }
    const gap = now - rhythm.lastAt
    // What was told as silence is no part of what is usual.
    if (!rhythm.told) rhythm.gap += (gap - rhythm.gap) * Math.max(weight, 1 / rhythm.events)
    rhythm.lastAt = now
    rhythm.events += 1
    rhythm.told = false
  }

  /** Those that fell silent since it was asked last. */
  sweep(now = Date.now()): { readonly app: string; readonly text: string }[] {
    const found: { app: string; text: string }[] = []
    for (const rhythm of this.#rhythms.values()) {
      const { app, provider, lastAt, gap, events, told } = rhythm
      const silentMs = now - lastAt
      if (told || events < enoughEvents || silentMs < Math.max(leastMs, gap * gaps)) continue
      rhythm.told = true
      const minutes = Math.round(silentMs / 60_000)
      found.push({ app, text: `${provider} has told nothing for ${minutes} minutes.` })
    }
    return found
  }
}

/** Tells those who see all calls of an app when one of its providers falls silent. */
export function tellSilence(app: FastifyInstance, silence: Silence, hub: Hub): void {
  const timer = setInterval(() => {
    for (const { app: id, text } of silence.sweep()) {
      hub.announce(id, 'calls', { event: 'notice', data: { code: 'provider-silent', text } })
    }
  }, lookMs)
  app.addHook('onClose', async () => clearInterval(timer))
}
