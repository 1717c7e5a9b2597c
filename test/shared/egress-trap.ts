import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer, isIPv6, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface Trap {
  readonly port: number
  /** Connections that came in, on whichever address of this machine. */
  readonly caught: number
  /** Sockets of clients that anybody in this process made since, wherever to. */
  readonly dialled: number
  /** Connections that are still open. */
  readonly open: number
}

/** Listens on every address of this machine and sees every client's socket of this process; goes with the test. */
export async function setTrap(t: Test): Promise<Trap> {
  const seen = { caught: 0, dialled: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    seen.caught += 1
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
  })
  server.listen(0)
  await once(server, 'listening')
  const count = (): void => {
    seen.dialled += 1
  }
  subscribe('net.client.socket', count)
  t.teardown(() => {
    unsubscribe('net.client.socket', count)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get caught() {
      return seen.caught
    },
    get dialled() {
      return seen.dialled
    },
    get open() {
      return sockets.size
    },
  }
}

/** A resolver that gives one answer after the other, the last one again and again, and counts how often it is asked. */
export function answering(...answers: readonly (readonly string[])[]): {
  readonly asked: number
  readonly resolve: () => Promise<LookupAddress[]>
} {
  let asked = 0
  return {
    get asked() {
      return asked
    },
    resolve: () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? []
      asked += 1
      return Promise.resolve(
        answer.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
      )
    },
  }
}
