import { openLines, type Line } from './line.ts'
import { weigh } from './weigh.ts'
import type { Ready } from '../peers/control.ts'

/** Idle connections through a relay that are to be weighed. */
export interface RelayIdleTask {
  readonly target: Ready
  readonly lines: number
}

const { target, lines: size } = JSON.parse(process.argv[2]!) as RelayIdleTask
const lines: Line[] = []
console.log(JSON.stringify(await weigh(target, size, grow)))
for (const line of lines) line.close()

/** A line that is idle now has been used: its phone is registered. */
async function grow(to: number): Promise<void> {
  const from = lines.length
  await openLines(target.port, lines, to)
  const fresh = lines.slice(from)
  for (const line of fresh) line.say(2)
  await Promise.all(fresh.map((line) => line.silent()))
}
