import { eventLine } from '../event-line.ts'
import { exitCodes, Failure } from '../exit-codes.ts'
import { playCall, type Stage } from '../sample-calls.ts'
import { paint, type Output } from '../output.ts'
import { objections } from './proof.ts'
import { Witness } from './witness.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { Suite } from './suite.ts'

const deadlineMs = 20_000

/**
 * Plays one whole call and proves the promise on it: what the webhook accepted, a WebSocket client received.
 * @throws Failure naming everything that does not hold
 */
export async function playOnce(suite: Suite, stage: Stage, out: Output): Promise<number> {
  const deadline = AbortSignal.any([stage.signal, AbortSignal.timeout(deadlineMs)])
  const url = new URL(`/ws?token=${suite.token}`, suite.url)
  url.protocol = 'ws:'
  const witness = new Witness(url, (frame) => out.result(eventLine(frame), frame))
  try {
    await witness.connected(deadline)
    const accepted: string[] = []
    const delivered: Stage['delivered'] = ({ events }) => void accepted.push(...events)
    await playCall({ ...stage, signal: deadline, delivered }, { full: true })
    await witness.received(accepted.length, deadline)
    return conclude(accepted, witness.frames, out)
  } finally {
    witness.close()
  }
}

function conclude(accepted: readonly string[], frames: readonly EventFrame[], out: Output): number {
  const found = objections(accepted, frames)
  if (accepted.length === 0) found.push('the webhook accepted no event at all')
  if (found.length > 0) throw new Failure(['The promise does not hold:', ...found].join('\n  '))
  const count = frames.length
  out.result(
    `\n${paint('green', 'ok')}  ${count} events accepted, ${count} received: each once, in order, seq 1 to ${count}`,
    { ok: true, accepted: count, received: count },
  )
  return exitCodes.ok
}
