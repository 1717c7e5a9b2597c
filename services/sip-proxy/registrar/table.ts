import type { Registration } from '@switchhook/shared/registrations'

/** A registration with its times in Unix milliseconds: they are written out when the store is told. */
export type Held = Omit<Registration, 'grantedSeconds' | 'expiresAt' | 'registeredAt'> & {
  grantedSeconds: number
  expiresAt: number
  registeredAt: number
}

/** What the store has to be told. */
export interface Batch {
  readonly kept: readonly Registration[]
  readonly gone: readonly string[]
}

/**
 * Removals that wait while the store is away. Of more, those of longest ago are forgotten: the store drops what
 * expires.
 */
const maxGone = 20_000

/** Who is registered over the sockets of this process, and what of that the store does not know yet. */
export class Table {
  readonly #rows = new Map<string, Held>()
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()

  /** Over what another connection said of the same binding; one that only goes on keeps when it began. */
  put(row: Held): void {
    const before = this.#rows.get(row.id)
    if (before?.connection === row.connection) row.registeredAt = before.registeredAt
    this.#rows.set(row.id, row)
    this.#gone.delete(row.id)
    this.#changed.add(row.id)
  }

  /** @returns whether there is nothing to put: the row stands here still, and only lasts longer now */
  renew(row: Held, { seconds, at }: { seconds: number; at: number }): boolean {
    if (this.#rows.get(row.id) !== row) return false
    row.grantedSeconds = seconds
    row.expiresAt = at + seconds * 1_000
    this.#changed.add(row.id)
    return true
  }

  /** Removes a row, unless another one stands in its place. */
  remove(row: Held): void {
    if (this.#rows.get(row.id) === row) this.#forget(row.id)
  }

  /** Removes what is over by now, Unix milliseconds. */
  expire(now: number): void {
    for (const { id, expiresAt } of this.#rows.values()) if (expiresAt <= now) this.#forget(id)
  }

  /** The store has to be told of all of them again. */
  touchAll(): void {
    for (const id of this.#rows.keys()) this.#changed.add(id)
  }

  /** How many there are, by upstream. */
  count(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { upstream } of this.#rows.values()) {
      counts.set(upstream, (counts.get(upstream) ?? 0) + 1)
    }
    return counts
  }

  /** At most so many of each that the store does not know; null: it knows all. */
  take(limit: number): Batch | null {
    const kept = taken(this.#changed, limit).map((id) => writtenOut(this.#rows.get(id)!))
    const gone = taken(this.#gone, limit)
    return kept.length + gone.length === 0 ? null : { kept, gone }
  }

  /** It was not written after all: of each, what is so now is to be. */
  putBack({ kept, gone }: Batch): void {
    for (const id of [...kept.map((row) => row.id), ...gone]) {
      if (this.#rows.has(id)) this.#changed.add(id)
      else this.#remember(id)
    }
  }

  #forget(id: string): void {
    this.#rows.delete(id)
    this.#changed.delete(id)
    this.#remember(id)
  }

  #remember(id: string): void {
    this.#gone.add(id)
    if (this.#gone.size > maxGone) this.#gone.delete(this.#gone.keys().next().value!)
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

function writtenOut(row: Held): Registration {
  return { ...row, expiresAt: time(row.expiresAt), registeredAt: time(row.registeredAt) }
}

function taken(set: Set<string>, limit: number): string[] {
  const ids = [...set.keys().take(limit)]
  for (const id of ids) set.delete(id)
  return ids
}
