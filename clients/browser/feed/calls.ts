import { recordAfter } from './record.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Snapshot } from './snapshot.ts'

/** More live calls than a snapshot ever has; beyond, the one that came first gives way. */
const maxCalls = 5_000

/** The live calls: those of the snapshot, and what the events after it made of them. */
export class LiveCalls {
  readonly byId = new Map<string, CallRecord>()

  reset({ calls }: Snapshot): void {
    this.byId.clear()
    for (const record of calls) this.#set(record)
  }

  /** Applies an event; a call that has ended leaves. @returns whether the event is about a call */
  apply(frame: EventFrame): boolean {
    const { call, data } = frame
    if (!call || !data.state) return false
    const parts = data.call?.merged ?? []
    const known = [call, ...parts].map((id) => this.byId.get(id)).find((record) => record)
    for (const id of parts) this.byId.delete(id)
    if (data.state.phase === 'ended') this.byId.delete(call)
    else this.#set(recordAfter(known, frame))
    return true
  }

  remove(call: string): void {
    this.byId.delete(call)
  }

  #set(record: CallRecord): void {
    this.byId.set(record.id, record)
    if (this.byId.size > maxCalls) for (const [first] of this.byId) return this.remove(first)
  }
}
