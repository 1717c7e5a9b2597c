import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { Bus } from '@switchhook/shared/bus'
import type { JournalRow } from '@switchhook/shared/journal'

/** A row as the journal gives it. */
export function row(seq: number, data = JSON.stringify({ seq, text: 'Zoë “☎” 😀\n' })): JournalRow {
  return {
    seq,
    id: `telnyx:${seq}`,
    type: 'call.initiated',
    time: '2026-01-01T00:00:00.000Z',
    call: randomUUID(),
    late: false,
    data,
  }
}

const deadlineMs = 60_000

/** Collects what a bus brings for an app. */
export class Inbox {
  readonly app: string
  readonly rows: JournalRow[] = []
  readonly stop: () => void
  readonly #arrived = new EventEmitter()

  constructor(bus: Bus, app: string = randomUUID()) {
    this.app = app
    this.stop = bus.subscribe(app, (rows) => {
      this.rows.push(...rows)
      this.#arrived.emit('rows')
    })
  }

  /** Resolves when there is a row with this number. @throws after a deadline */
  async has(seq: number): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs)
    while (!this.rows.some((one) => one.seq === seq)) {
      await once(this.#arrived, 'rows', { signal }).catch(() => {
        throw new Error(`row ${seq} did not arrive within ${deadlineMs} ms`)
      })
    }
  }

  /**
   * Publishes a row of its own again and again until it arrives: from then on messages flow. A bus has no other way to
   * show it, since it may lose messages.
   */
  async flows(publisher: Bus, seq = 1_000_000): Promise<void> {
    const publish = () => publisher.publish(this.app, [row(seq)])
    const again = setInterval(publish, 20)
    publish()
    try {
      await this.has(seq)
    } finally {
      clearInterval(again)
    }
  }

  /** The numbers that arrived, without those below `from`. */
  seqs(from: number, to: number): number[] {
    return this.rows.map(({ seq }) => seq).filter((seq) => seq >= from && seq <= to)
  }
}
