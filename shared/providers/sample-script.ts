import type { EventType } from '../events/index.ts'

/** One event of a story: how long after the one before it, what it is, what only it says. */
export interface Step {
  readonly gapMs: number
  readonly type: EventType
  readonly details: Readonly<Record<string, unknown>>
}

export interface Chances {
  /** Draws a pause between two bounds in milliseconds. */
  readonly pause: (lowMs: number, highMs: number) => number
  /** Uniform in [0, 1): which story. */
  readonly story: number
  readonly held: boolean
  readonly menuDigit: string
}

/** One call at the pace of people: 65 of 100 are answered, the others missed or busy. */
export function scriptOf(chances: Chances): { inbound: boolean; steps: Step[] } {
  const { story } = chances
  if (story < 0.45) return { inbound: true, steps: answeredByMenu(chances) }
  if (story < 0.65) return { inbound: false, steps: answeredByPerson(chances) }
  if (story < 0.83) return { inbound: true, steps: missed(chances) }
  if (story < 0.92) return { inbound: false, steps: unanswered(chances) }
  return { inbound: false, steps: busy(chances) }
}

function answeredByMenu(chances: Chances): Step[] {
  const { pause, menuDigit } = chances
  return [
    step(0, 'call.initiated'),
    step(pause(1500, 4000), 'call.answered'),
    step(pause(80, 200), 'call.speak.started'),
    step(pause(1800, 4500), 'dtmf.received', { digit: menuDigit }),
    step(pause(100, 700), 'call.speak.ended', { status: 'completed' }),
    step(pause(400, 1500), 'call.bridged'),
    ...talk(chances),
  ]
}

function answeredByPerson(chances: Chances): Step[] {
  const { pause } = chances
  return [step(0, 'call.initiated'), step(pause(4000, 15_000), 'call.answered'), ...talk(chances)]
}

function talk({ pause, held }: Chances): Step[] {
  const hold = [step(pause(8000, 30_000), 'call.held'), step(pause(4000, 20_000), 'call.resumed')]
  return [
    ...(held ? hold : []),
    step(pause(12_000, 60_000), 'call.hangup', ending('normal_clearing', 'caller', 200)),
    step(pause(2000, 5000), 'call.recording.saved', { format: 'mp3', channels: 2 }),
    step(pause(500, 2000), 'call.cost'),
  ]
}

function missed({ pause }: Chances): Step[] {
  return [
    step(0, 'call.initiated'),
    step(pause(12_000, 30_000), 'call.hangup', ending('originator_cancel', 'caller', 487)),
  ]
}

function unanswered({ pause }: Chances): Step[] {
  return [
    step(0, 'call.initiated'),
    step(pause(28_000, 32_000), 'call.hangup', ending('no_answer', 'callee', 480)),
  ]
}

function busy({ pause }: Chances): Step[] {
  return [
    step(0, 'call.initiated'),
    step(pause(900, 3000), 'call.hangup', ending('user_busy', 'callee', 486)),
  ]
}

function ending(cause: string, source: string, sipCode: number): Step['details'] {
  return { cause, cause_source: source, sip_code: sipCode }
}

function step(gapMs: number, type: EventType, details: Step['details'] = {}): Step {
  return { gapMs, type, details }
}
