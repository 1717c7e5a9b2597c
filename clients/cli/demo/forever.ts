import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../exit-codes.ts'
import { describe, playCall, type Stage } from '../sample-calls.ts'
import { paint, type Output } from '../output.ts'

/** Calls that are going on at the same time. */
const lines = 4
/** Between the first calls of two lines, so that they do not move in step. */
const staggerMs = 2_500
const shortestPauseMs = 1_500
const pauseSpreadMs = 6_000

/** Plays calls as people make them, until the signal fires. A refused delivery is told, and the next call is tried. */
export async function playForever(stage: Stage, out: Output): Promise<void> {
  let calls = 0
  const line = async (index: number): Promise<void> => {
    await pause(index * staggerMs, stage.signal)
    while (!stage.signal.aborted) {
      calls += 1
      await playOne(stage, calls, out)
      await pause(shortestPauseMs + Math.random() * pauseSpreadMs, stage.signal)
    }
  }
  await Promise.all(Array.from({ length: lines }, (_, index) => line(index)))
}

async function playOne(stage: Stage, number: number, out: Output): Promise<void> {
  const name = `call ${number}`.padEnd(9)
  let events = 0
  const delivered: Stage['delivered'] = (receipt, event) => {
    events += receipt.events.length
    const first = event?.type === 'call.initiated'
    if (first) out.result(`  ${paint('dim', name)}  ${describe(event)}`, { call: number, event })
  }
  try {
    await playCall({ ...stage, delivered })
    out.result(`  ${paint('dim', name)}  over after ${events} events`, { call: number, events })
  } catch (error) {
    if (stage.signal.aborted) return
    if (!(error instanceof Failure)) throw error
    out.complain(`  ${name}  ${[error.message, error.fix].filter(Boolean).join(' ')}`)
  }
}

/** Ends early, and quietly, when the signal fires. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
