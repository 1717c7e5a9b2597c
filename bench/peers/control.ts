import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What a peer prints when it is ready. */
export interface Ready {
  /** The process that is measured. */
  readonly pid: number
  /** Where clients connect. */
  readonly port: number
  /** Where commands come in. */
  readonly control: number
}

interface Announcement {
  readonly port: number
  /** Of those that tell something by themselves. */
  readonly publish?: (seq: number) => void
  readonly pid?: number | undefined
}

/**
 * Listens for commands: a number publishes so many events in one turn of the loop, numbered on from 1, and `gc`
 * collects garbage and answers when that is done. It is the same in all peers, so its cost is in every row.
 */
export async function announce(announcement: Announcement): Promise<void> {
  const { port, publish, pid = process.pid } = announcement
  let seq = 0
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    createInterface({ input: socket }).on('line', (line) => {
      if (line === 'gc') return collect(socket)
      for (let count = Number(line); count > 0; count -= 1) publish?.(++seq)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port: control } = server.address() as AddressInfo
  process.once('SIGTERM', () => process.exit(0))
  console.log(JSON.stringify({ pid, port, control } satisfies Ready))
}

function collect(socket: Socket): void {
  // Also what the collector would keep for later: garbage is no weight of a socket.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  socket.write('done\n')
}
