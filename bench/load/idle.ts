import { Audience } from './audience.ts'
import { weigh } from './weigh.ts'
import type { Target } from './dialects.ts'

/** Idle, authenticated sockets that are to be weighed. */
export interface IdleTask {
  readonly target: Target
  readonly sockets: number
}

const { target, sockets } = JSON.parse(process.argv[2]!) as IdleTask
const audience = new Audience(target, sockets)
console.log(JSON.stringify(await weigh(target, sockets, (to) => audience.grow(to))))
audience.leave()
