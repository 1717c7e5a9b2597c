import type { EventType } from '../../events/index.ts'
import { present, unnamedDetails } from '../call-fields.ts'
import { formFields, parameter, type Form } from '../form.ts'
import { idText, plainText, webAddress, wholeNumber, type Fields } from '../untrusted.ts'

/** One event of a request. */
export interface Said {
  readonly type: EventType
  readonly rawType: string
  readonly details: Fields
}

/** What a request means. */
export interface Meaning {
  /** What together tells it from every other request; null if nothing does. */
  readonly key: readonly string[] | null
  readonly said: readonly Said[]
}

type Get = (name: string) => string | null

/** By `Event`, which is the reason of a request. */
const eventTypes: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['Ring', 'call.ringing'],
  ['StartApp', 'call.answered'],
  ['Hangup', 'call.hangup'],
])
/** By `CallStatus`, where there is no `Event`. */
const statusTypes: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['ringing', 'call.ringing'],
  ['in-progress', 'call.answered'],
  ['completed', 'call.hangup'],
  ['busy', 'call.hangup'],
  ['failed', 'call.hangup'],
  ['cancel', 'call.hangup'],
  ['timeout', 'call.hangup'],
  ['no-answer', 'call.hangup'],
])
const missed = new Set(['timeout', 'no-answer'])

/**
 * What a request of Plivo means (https://www.plivo.com/docs/voice/concepts/callbacks): what the call came to, then what
 * else it says: a recording, digits, whether a machine answered.
 */
export function meaningOf(form: Form): Meaning {
  const get: Get = (name) => parameter(form, name)
  const progress = progressOf(get)
  const others = [recording(get), gather(get), machine(get)].filter((said) => said !== null)
  const said = [...(progress ? [progress] : []), ...others]
  const isOfCall = (get('CallUUID') ?? get('ALegUUID')) !== null
  if (isOfCall && said.length > 0) return { key: progress ? stateKey(get) : factKey(get), said }
  const name = nameOf(get)
  const details = unnamedDetails(name, formFields(form))
  return { key: null, said: [{ type: 'provider.event', rawType: name, details }] }
}

function nameOf(get: Get): string {
  return idText(get('Event')) ?? idText(get('DialAction')) ?? idText(get('CallStatus')) ?? 'request'
}

function progressOf(get: Get): Said | null {
  const [event, state] = [get('Event'), get('CallStatus')]
  const type = event === null ? statusTypes.get(state ?? '') : eventTypes.get(event)
  const isDial = event === null && (get('DialAction') ?? get('Digits') ?? get('RecordUrl')) !== null
  if (type === undefined || get('CallUUID') === null || isDial) return null
  const rawType = nameOf(get)
  if (type !== 'call.hangup') return { type, rawType, details: {} }
  const ending = missed.has(state ?? '') ? 'call.missed' : type
  return { type: ending, rawType, details: endOf(get) }
}

/** The causes are those of Q.850, so they are spelt as others spell them. */
function endOf(get: Get): Fields {
  return present<unknown>([
    ['cause', plainText(get('HangupCause') ?? get('CallStatus'))?.toLowerCase() ?? null],
    ['cause_source', plainText(get('HangupSource'))?.toLowerCase() ?? null],
    ['duration_ms', milliseconds(get('Duration'))],
  ])
}

function recording(get: Get): Said | null {
  const url = webAddress(get('RecordUrl') ?? get('RecordingUrl'))
  if (url === null) return null
  const exact = wholeNumber(get('RecordingDurationMs'))
  const details = present<unknown>([
    ['url', url],
    ['duration_ms', exact ?? milliseconds(get('RecordingDuration'))],
  ])
  return { type: 'call.recording.saved', rawType: nameOf(get), details }
}

function gather(get: Get): Said | null {
  const [digits, text] = [plainText(get('Digits')), plainText(get('Speech'))]
  if ((digits ?? text) === null) return null
  const details = present<unknown>([
    ['digits', digits],
    ['text', text],
  ])
  return { type: 'call.gather.ended', rawType: nameOf(get), details }
}

/** The answer is told again when the call ends. */
function machine(get: Get): Said | null {
  const answer = get('Machine')?.toLowerCase()
  if (answer === undefined || get('Event') === 'Hangup') return null
  const result = answer === 'true' ? 'machine' : answer === 'false' ? 'human' : 'unknown'
  return { type: 'call.machine.detected', rawType: nameOf(get), details: { result } }
}

/** A call is told once of each of its states. */
function stateKey(get: Get): string[] {
  return [get('CallUUID') ?? '', get('Event') ?? '', get('CallStatus') ?? '']
}

/** A recording has an id of its own, and one machine detection is run; digits may be pressed twice. */
function factKey(get: Get): string[] | null {
  const call = get('CallUUID') ?? ''
  const recordingId = get('RecordingID')
  if (recordingId !== null) return [call, 'RecordingID', recordingId]
  const onlyMachine = get('Machine') !== null && get('Digits') === null && call !== ''
  return onlyMachine ? [call, 'Machine', get('Machine') ?? ''] : null
}

function milliseconds(seconds: string | null): number | null {
  const whole = wholeNumber(seconds)
  return whole === null ? null : whole * 1000
}
