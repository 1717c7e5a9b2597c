import type { EventFrame, EventType } from '@switchhook/shared/events'
import type { ControlFrames } from '@switchhook/shared/protocol'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Snapshot } from './feed/snapshot.ts'
import type { ConnectionState } from './state.ts'

type Hyphened<Name extends string> = Name extends `${infer First}.${infer Rest}`
  ? `${First}-${Hyphened<Rest>}`
  : Name

/** What may happen to a call, as frames spell it; `custom-…` is what your own programs append. */
export type EventName = Hyphened<EventType> | `custom-${string}`

type Numbered = { [Name in EventName]: EventFrame & { readonly event: Name } }

/** What `on` can listen to: numbered events get their frame, everything else its data. */
export interface Happenings extends Numbered, Omit<ControlFrames, 'snapshot'> {
  /** Each numbered event of the view once, in order. */
  event: EventFrame
  state: ConnectionState
  /** The live calls as they are now; forget the ones before. */
  snapshot: Snapshot
  /** The folded live calls, after each change of them. */
  calls: ReadonlyMap<string, CallRecord>
}

type Listener = (value: never) => void

/** More of one name than a page ever needs: whoever adds so many forgets to take them off. */
const maxListeners = 100

/** Who wants to be told what. */
export class Listeners {
  readonly #byName = new Map<string, Set<Listener>>()

  /** @returns what takes the listener off again @throws when there are 100 of this name already */
  on(name: string, listener: Listener): () => void {
    const listeners = this.#byName.get(name) ?? new Set()
    if (listeners.size >= maxListeners) throw new Error('too many listeners')
    this.#byName.set(name, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  /** A listener's mistake is its own: it surfaces as an uncaught error, and the next one is told all the same. */
  tell(name: string, value: unknown): void {
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        listener(value as never)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
