import { Audience } from './audience.ts'
import { collected, openControl } from './server.ts'
import type { Target } from './dialects.ts'

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
  const before = await collected(control, target.pid)
  await audience.grow(sockets)
  return ((await collected(control, target.pid)) - before) / (sockets - first)
}
