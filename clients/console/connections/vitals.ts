import { useEffect, useState } from 'preact/hooks'
import type { Health } from './health.ts'

/** How the hub is, as it tells everybody; null until it did, or while it does not. */
export interface Vitals {
  readonly health: Health | null
  /** Prometheus' text; empty if it is not to be had at this address. */
  readonly metrics: string
  /** Whether it did not answer when it was asked last. */
  readonly away: boolean
}

const everyMs = 10_000
const deadlineMs = 5_000

/** Asks how the hub is, now and every ten seconds; `onAnswer` is called each time it answers. */
export function useVitals(onAnswer: () => void): Vitals {
  const [vitals, set] = useState<Vitals>({ health: null, metrics: '', away: false })
  useEffect(() => {
    let wanted = true
    const look = async (): Promise<void> => {
      const [health, metrics] = await Promise.all([textAt('health'), textAt('metrics')])
      if (!wanted) return
      set({ health: healthIn(health), metrics: metrics ?? '', away: health === null })
      if (health !== null) onAnswer()
    }
    // Nobody looks at a hidden page.
    const timer = setInterval(() => void (document.hidden || look()), everyMs)
    void look()
    return () => {
      wanted = false
      clearInterval(timer)
    }
  }, [])
  return vitals
}

/** A hub that is not ready says why with 503: that counts as an answer. Null: there was none. */
async function textAt(path: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(deadlineMs)
    const response = await fetch(new URL(path, document.baseURI), { cache: 'no-store', signal })
    return response.ok || response.status === 503 ? await response.text() : null
  } catch {
    return null
  }
}

function healthIn(text: string | null): Health | null {
  try {
    const health: unknown = JSON.parse(text ?? '')
    return typeof health === 'object' && health !== null && 'checks' in health
      ? (health as Health)
      : null
  } catch {
    return null
  }
}
