import { aorIn, isSame, namedIn, type Aor } from './aor.ts'
import type { Trace } from '@switchhook/shared/sip-traces'
import type { SipText } from './text.ts'

/** Calls of an app that are remembered; one that is forgotten is chosen anew when a message names the user. */
const maxCalls = 10_000

interface Wanted {
  readonly aor: Aor
  readonly trace: Trace
}

/** Which messages of an app are written down. */
export class Choice {
  /** Whether any are. */
  on = false
  #wanted: readonly Wanted[] = []
  /** Calls that were chosen, and by whose trace, that of longest ago first. */
  readonly #calls = new Map<string, string>()

  /** All that somebody wants. */
  get traces(): readonly Trace[] {
    return this.#wanted.map(({ trace }) => trace)
  }

  /** From now on these. */
  update(traces: readonly Trace[]): void {
    this.#wanted = traces.flatMap((trace) => {
      const aor = aorIn(trace.aor)
      return aor ? [{ aor, trace }] : []
    })
    this.on = this.#wanted.length > 0
    if (!this.on) this.#calls.clear()
  }

  /**
   * The trace that a message is written for; null: none.
   * @param users whose connection it is, as far as that is known
   */
  traceOf(call: string, text: SipText, users: readonly Aor[]): Trace | null {
    const before = this.#calls.get(call)
    const known = this.#wanted.find(({ trace }) => trace.aor === before)
    if (known) return known.trace
    const named = [...namedIn(text), ...users]
    const chosen = this.#wanted.find(({ aor }) => named.some((one) => isSame(aor, one)))
    if (!chosen) return null
    this.#remember(call, chosen.trace.aor)
    return chosen.trace
  }

  #remember(call: string, aor: string): void {
    this.#calls.delete(call)
    this.#calls.set(call, aor)
    if (this.#calls.size <= maxCalls) return
    const [oldest] = this.#calls.keys()
    this.#calls.delete(oldest!)
  }
}
