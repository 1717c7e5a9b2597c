import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Lifetime } from '../postgres.ts'

/** A TCP line to a server of this machine, whose fate a test decides. */
export interface Line {
  /** That of the server, with another port. */
  readonly url: string
  /** How many connections pass it now. */
  count(): number
  /** Cuts every connection, while both ends live; the next one passes. */
  cut(): void
  /** From now on no octet passes, either way, and nobody is told: a cable that was pulled. */
  hush(): void
}

/** Opens a line to the host of a URL, which may be told later than its line's. */
export async function startLine(
  lifetime: Lifetime,
  target: string | (() => string),
): Promise<Line> {
  const url = new URL(typeof target === 'string' ? target : 'http://127.0.0.1')
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer({ noDelay: true }, (near) => {
    const port = Number(new URL(typeof target === 'string' ? target : target()).port)
    const pair = [near, connect({ port, host: '127.0.0.1', noDelay: true })] as const
    pairs.add(pair)
    for (const [one, other] of [pair, pair.toReversed() as [Socket, Socket]]) {
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of [...pairs].flat()) socket.destroy()
  }
  lifetime.teardown(() => {
    cut()
    server.close()
  })
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    count: () => pairs.size,
    cut,
    hush() {
      for (const socket of [...pairs].flat()) socket.unpipe().pause()
    },
  }
}
