import { randomUUID } from 'node:crypto'
import { signedByLibrary, standardWebhooksSecret } from '../kit/standard-webhooks.ts'
import { post } from '../kit/sender.ts'
import type { Site } from './console-page.ts'

/** What a suite must be started with to be told stories. */
export const listening = { STANDARD_WEBHOOKS_SECRET: standardWebhooksSecret }

/** Tells the suite what happened in our own words, as of `at` (milliseconds). */
export async function tell(
  { url }: Site,
  type: string,
  { at = Date.now(), ...data }: { at?: number } & Record<string, unknown>,
): Promise<void> {
  const id = `msg_${randomUUID()}`
  const text = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
  const seconds = Math.floor(Date.now() / 1_000)
  const { headers, body } = signedByLibrary({
    id,
    at: seconds,
    text,
    secret: standardWebhooksSecret,
  })
  const { status } = await post(
    url,
    { headers: headers as Record<string, string>, body: Buffer.from(body) },
    '/webhooks/standard-webhooks',
  )
  if (status !== 200) throw new Error(`the webhook was answered ${status}`)
}

const jane = { id: 'u-7', email: 'jane.doe@example.com', name: 'Jane Doe' }

/** A call that was taken, recorded and written down; `at`: when it began. */
export async function tellCall(site: Site, call: string, at: number): Promise<void> {
  const about = { call_id: call, direction: 'inbound', from: '+12025550133', to: '+12025550131' }
  await tell(site, 'call.initiated', { ...about, at, caller_name: '<b>Ada</b>' })
  await tell(site, 'call.ringing', { ...about, at: at + 900 })
  await tell(site, 'call.answered', { ...about, at: at + 5_300, agent: jane })
  await tell(site, 'transcript.final', {
    ...about,
    at: at + 9_000,
    role: 'agent',
    text: 'Good morning, what can I do for you?',
  })
  await tell(site, 'transcript.final', {
    ...about,
    at: at + 14_000,
    role: 'user',
    text: 'I would like a room <script>alert(1)</script> for two nights.',
  })
  await tell(site, 'call.hangup', { ...about, at: at + 93_000, reason: 'normal_clearing' })
  await tell(site, 'call.recording.saved', {
    ...about,
    at: at + 96_000,
    url: `https://recordings.example.com/${call}.mp3?Expires=${Math.floor(Date.now() / 1_000) + 7_200}`,
    duration_ms: 87_700,
  })
}

/** A call that nobody took, with what its caller left. */
export async function tellVoicemail(
  site: Site,
  { call, at, from = '+442079460018' }: { call: string; at: number; from?: string },
): Promise<void> {
  const about = { call_id: call, direction: 'inbound', from, to: '+12025550131' }
  await tell(site, 'call.initiated', { ...about, at })
  await tell(site, 'call.missed', { ...about, at: at + 20_000 })
  await tell(site, 'voicemail.received', {
    ...about,
    at: at + 45_000,
    url: `https://recordings.example.com/${call}-voicemail.mp3`,
    duration_ms: 21_000,
    text: 'It is about the invoice of last week. Please call me back.',
  })
}
