import { openLines, type Line } from './line.ts'
import { collected, openControl } from './server.ts'
import type { Ready } from '../peers/control.ts'

/** What is to be weighed. */
export interface RelayIdleTask {
  readonly target: Ready
  readonly lines: number
}

/** Resident bytes per idle connection through a relay, or why there is no such number. */
export interface RelayIdleResult {
  readonly bytes: number | null
  readonly fault: string | null
}

/** The first ones load code and warm it up; they are not weighed. */
const first = 100

const { target, lines: size } = JSON.parse(process.argv[2]!) as RelayIdleTask
const lines: Line[] = []
const control = await openControl(target)
const result: { -readonly [Key in keyof RelayIdleResult]: RelayIdleResult[Key] } = {
  bytes: null,
  fault: null,
}
try {
  result.bytes = await weigh()
} catch (error) {
  result.fault = error instanceof Error ? error.message : String(error)
}
console.log(JSON.stringify(result satisfies RelayIdleResult))
for (const line of lines) line.close()
control.destroy()

async function weigh(): Promise<number> {
  await grow(first)
  const before = await collected(control, target.pid)
  await grow(size)
  return ((await collected(control, target.pid)) - before) / (size - first)
}

/** A line that is idle now has been used: its phone is registered. */
async function grow(to: number): Promise<void> {
  const from = lines.length
  await openLines(target.port, lines, to)
  const fresh = lines.slice(from)
  for (const line of fresh) line.say(2)
  await Promise.all(fresh.map((line) => line.silent()))
}
