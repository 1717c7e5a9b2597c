import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { rssBytes } from '../measure.ts'
import { Audience } from './audience.ts'
import { openControl, type Target } from './server.ts'

/** What is to be weighed. */
export interface IdleTask {
  readonly target: Target
  readonly sockets: number
}

/** Resident bytes per idle, authenticated socket, or why there is no such number. */
export interface IdleResult {
  readonly bytes: number | null
  readonly fault: string | null
}

/** The first ones load code and warm it up; they are not weighed. */
const first = 100
const collections = 3

const { target, sockets } = JSON.parse(process.argv[2]!) as IdleTask
const audience = new Audience(target, sockets)
const control = await openControl(target)
const result: { -readonly [Key in keyof IdleResult]: IdleResult[Key] } = {
  bytes: null,
  fault: null,
}
try {
  result.bytes = await weigh()
} catch (error) {
  result.fault = error instanceof Error ? error.message : String(error)
}
console.log(JSON.stringify(result satisfies IdleResult))
audience.leave()
control.destroy()

async function weigh(): Promise<number> {
  await audience.grow(first)
  const before = await collected()
  await audience.grow(sockets)
  return ((await collected()) - before) / (sockets - first)
}

/** Resident memory after garbage was collected, where a server can be told to. */
async function collected(): Promise<number> {
  for (let round = 0; round < collections; round += 1) {
    control.write('gc\n')
    await once(control, 'data')
    await sleep(100)
  }
  return rssBytes(target.pid)
}
