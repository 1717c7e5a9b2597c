import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { rssBytes, usage } from '../measure.ts'
import type { Ready } from '../peers/control.ts'

/** Opens the connection that takes a server's commands. */
export async function openControl({ control }: Ready): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: control, noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** Resolves when a server has dealt with those who came and went, at the latest after a few seconds. */
export async function quiet(pid: number): Promise<void> {
  for (let look = 0; look < 30; look += 1) {
    const before = usage(pid).cpuMs
    await sleep(100)
    if (usage(pid).cpuMs - before < 5) return
  }
}

const collections = 3

/** Resident memory after garbage was collected, where a server can be told to. */
export async function collected(control: Socket, pid: number): Promise<number> {
  for (let round = 0; round < collections; round += 1) {
    control.write('gc\n')
    await once(control, 'data')
    await sleep(100)
  }
  return rssBytes(pid)
}
