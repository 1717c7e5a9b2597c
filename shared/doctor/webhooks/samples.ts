import { randomUUID } from 'node:crypto'
import { defaultSettings, type Provider } from '../../providers/index.ts'
import { sturdyJson } from './encodings.ts'

/** How the sample is called where it shows. */
export const sampleName = 'switchhook.doctor'

interface Parts {
  /** Fresh each time, so that no sample is a copy of another. */
  readonly id: string
  readonly atMs: number
}

type Fields = Readonly<Record<string, unknown>>

const json = (fields: Fields): Buffer => Buffer.from(JSON.stringify(fields))
const form = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(new URLSearchParams(fields).toString())
const timeOf = (atMs: number): string => new Date(atMs).toISOString()
const note = 'A sample of switchhook doctor: no call took place'

/** Of each provider something that it has no name for, and of no call: it shows, and changes no call. */
const samples: Readonly<Record<string, (parts: Parts) => Buffer>> = {
  telnyx: ({ id, atMs }) =>
    json({
      data: {
        event_type: sampleName,
        id,
        occurred_at: timeOf(atMs),
        payload: { note, link: 'https://switchhook.invalid/doctor' },
        record_type: 'event',
      },
    }),
  'standard-webhooks': ({ id, atMs }) =>
    json({ type: sampleName, timestamp: timeOf(atMs), data: { note, sample: id } }),
  dialpad: ({ id, atMs }) =>
    json({ state: sampleName, event_timestamp: atMs, call_id: null, custom_data: `${note} ${id}` }),
  vapi: ({ id, atMs }) =>
    json({ message: { type: sampleName, timestamp: atMs, note, sample: id } }),
  twilio: ({ id }) => form({ CallStatus: sampleName, Sample: id, Note: note }),
  signalwire: ({ id }) => form({ CallStatus: sampleName, Sample: id, Note: note }),
  plivo: ({ id }) => form({ Event: sampleName, Sample: id, Note: note }),
  vonage: ({ id, atMs }) => json({ status: sampleName, timestamp: timeOf(atMs), note, sample: id }),
  retell: ({ id }) => json({ event: sampleName, note, sample: id }),
}

/** The same, of a call, for providers whose every event is of one. */
const withCall: Readonly<Record<string, (parts: Parts) => Buffer>> = {
  dialpad: ({ id, atMs }) =>
    json({ state: sampleName, event_timestamp: atMs, call_id: `doctor-${id}` }),
  vapi: ({ id, atMs }) =>
    json({ message: { type: sampleName, timestamp: atMs, call: { id: `doctor-${id}` }, note } }),
  vonage: ({ id, atMs }) =>
    json({
      uuid: `doctor-${id}`,
      conversation_uuid: `CON-doctor-${id}`,
      status: sampleName,
      timestamp: timeOf(atMs),
    }),
  retell: ({ id }) => json({ event: sampleName, call: { call_id: `doctor-${id}` } }),
}

/**
 * What the provider is made to say: something clearly marked that its own code can read, a `provider.event` where that
 * is possible, else the beginning of a sample call.
 */
export function sampleFor(provider: Provider, atMs: number): Buffer {
  const parts = { id: randomUUID(), atMs }
  const drafts = [samples[provider.name], withCall[provider.name]]
  for (const draft of drafts) {
    const content = draft?.(parts)
    if (content && isReadable(provider, content)) return sturdyJson(content) ?? content
  }
  return beginning(provider, parts)
}

/** The first delivery of a made-up call, for a provider that is not in the tables. */
function beginning({ simulator }: Provider, { atMs }: Parts): Buffer {
  const [first] = simulator.sampleCall({ random: Math.random, startMs: atMs })
  return first!.content
}

function isReadable(provider: Provider, content: Buffer): boolean {
  const { simulator } = provider
  try {
    const { signingKey } = simulator.newKeys()
    const signing = { nowSeconds: 0, url: 'https://switchhook.invalid/', signingKey }
    const signed = simulator.sign(content, { ...signing, settings: defaultSettings(provider) })
    const meaning = provider.normalise(signed, timeOf(0))
    return meaning.ok && meaning.events.every(({ type }) => type === 'provider.event')
  } catch {
    return false
  }
}
