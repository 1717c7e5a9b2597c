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

/** A hub tells its store once a second who came and went: that is no part of what an event costs. */
const calmLooks = 12

/** Resolves when a server has dealt with those who came and went, at the latest after a few seconds. */
export async function quiet(pid: number): Promise<void> {
  for (let look = 0, calm = 0; look < 60 && calm < calmLooks; look += 1) {
    const before = usage(pid).cpuMs
    await sleep(100)
    calm = usage(pid).cpuMs - before < 5 ? calm + 1 : 0
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
