import { CodedError } from '@switchhook/shared/errors'
import type { Upstream } from '../upstreams/contract.ts'

/** How many sockets there may be: of this process, and to each upstream. Those that wait for a PBX count. */
export class Places {
  readonly #max: number
  #taken = 0
  readonly #perUpstream = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Sockets to an upstream. */
  of(upstream: string): number {
    return this.#perUpstream.get(upstream) ?? 0
  }

  /** @throws CodedError `overload` if the process has as many as it may have */
  assertRoom(): void {
    if (this.#taken >= this.#max) throw overload()
  }

  /** @throws CodedError `overload`, or `upstream_full` if the upstream has as many as it may have */
  assertRoomAt({ name, maxSockets }: Upstream): void {
    this.assertRoom()
    if (this.of(name) < maxSockets) return
    throw new CodedError('upstream_full', { args: [name], retryAfter: spread() })
  }

  /** Takes one, until it is given back. */
  take({ name }: Upstream): Place {
    this.count(name, 1)
    return new Place(this, name)
  }

  /** One more, or one less. */
  count(upstream: string, by: number): void {
    this.#taken += by
    const count = this.of(upstream) + by
    if (count > 0) this.#perUpstream.set(upstream, count)
    else this.#perUpstream.delete(upstream)
  }
}

/** The place of one socket. */
export class Place {
  #places: Places | null
  readonly #upstream: string

  constructor(places: Places, upstream: string) {
    this.#places = places
    this.#upstream = upstream
  }

  /** Gives it back; again changes nothing. */
  leave(): void {
    this.#places?.count(this.#upstream, -1)
    this.#places = null
  }
}

/** More sockets come than can be taken. */
export function overload(): CodedError {
  const retryAfter = spread()
  return new CodedError('overload', { args: [retryAfter], retryAfter })
}

/** Those who are turned away come back at different moments, seconds. */
function spread(): number {
  return 1 + Math.ceil(Math.random() * 10)
}
