import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Lifetime } from './postgres.ts'

/**
 * A plain TCP balancer: each connection goes to the next target that takes it, whoever it comes from.
 * @param targets base URLs; @returns its own
 */
export async function balance(lifetime: Lifetime, targets: readonly string[]): Promise<string> {
  const ports = targets.map((target) => Number(new URL(target).port))
  const open = new Set<Socket>()
  let turn = 0
  const server = createServer({ pauseOnConnect: true }, (client) => {
    forward(client, turn++, ports)
    open.add(client)
    client.on('close', () => open.delete(client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  lifetime.teardown(async () => {
    for (const socket of open) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Who refuses the connection is passed over; when all refuse, so do we. */
function forward(client: Socket, turn: number, ports: readonly number[]): void {
  let tried = 0
  const attempt = (): void => {
    if (tried === ports.length) return void client.destroy()
    const upstream = connect(ports[(turn + tried++) % ports.length]!, '127.0.0.1')
    upstream.once('error', attempt)
    upstream.once('connect', () => {
      upstream.off('error', attempt)
      upstream.on('error', () => client.destroy())
      upstream.on('close', () => client.destroy())
      client.on('close', () => upstream.destroy())
      client.pipe(upstream).pipe(client)
    })
  }
  client.on('error', () => {})
  attempt()
}
