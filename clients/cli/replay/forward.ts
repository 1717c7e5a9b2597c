import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventName, eventTypes, type EventFrame } from '@switchhook/shared/events'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { Failure, UsageError } from '../exit-codes.ts'
import { reasonOf } from './service.ts'

/** Whom events are forwarded to. */
export interface Consumer {
  readonly url: URL
  /** `whsec_` and base64. */
  readonly secret: string
  readonly signal: AbortSignal
  /** Before the first retry; each later one takes twice as long. */
  readonly pauseMs?: number
}

const attempts = 5
const timeoutMs = 15_000
const firstPauseMs = 1_000
/** Who asks for a longer pause is told so, instead of being waited for. */
const longestPauseMs = 300_000
/** What no repetition makes better. */
const final = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422])

const typeByName = new Map<string, string>(eventTypes.map((type) => [eventName(type), type]))

/** @throws UsageError unless it can sign */
export function checkSecret(secret: string | undefined, names: string): string {
  if (!secret) throw new UsageError(`${names} is required with --forward`)
  const wrong = secret.startsWith('whsec_')
    ? standardWebhooks.checkCredential(secret)
    : 'it does not begin with whsec_'
  if (wrong !== null) throw new UsageError(`${names} is no secret to sign with: ${wrong}`)
  return secret
}

/**
 * Posts an event as Standard Webhooks 1.0.0 says, `webhook-id` being the id of the event, until it is taken.
 * @throws Failure after five attempts, or at once where another one would not help; AbortError
 */
export async function forward(frame: EventFrame, consumer: Consumer): Promise<void> {
  let pauseMs = consumer.pauseMs ?? firstPauseMs
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await post(frame, consumer)
    if (outcome === 'taken') return
    const { why, retryAfterMs, isFinal } = outcome
    const wait = retryAfterMs ?? pauseMs
    if (isFinal || attempt === attempts || wait > longestPauseMs) {
      const tried = attempt === 1 ? '' : ` (${attempt} attempts)`
      throw new Failure(`${consumer.url.href} does not take ${frame.id}: ${why}${tried}`)
    }
    await sleep(wait, undefined, { signal: consumer.signal })
    pauseMs *= 2
  }
}

interface Refused {
  readonly why: string
  readonly retryAfterMs: number | null
  readonly isFinal: boolean
}

async function post(
  frame: EventFrame,
  { url, secret, signal }: Consumer,
): Promise<'taken' | Refused> {
  const type = typeByName.get(frame.event) ?? frame.event
  const body = JSON.stringify({ type, timestamp: frame.time, data: frame })
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signature(frame.id, body, secret) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (response.ok) return 'taken'
    const { status, headers } = response
    const isFinal = final.has(status) || (status >= 300 && status < 400)
    return {
      why: `it answers ${status}`,
      retryAfterMs: retryAfter(headers.get('retry-after')),
      isFinal,
    }
  } catch (error) {
    signal.throwIfAborted()
    return { why: reasonOf(error), retryAfterMs: null, isFinal: false }
  }
}

/** The three headers (§ Webhook headers); the time is that of the attempt. */
function signature(eventId: string, body: string, secret: string): Record<string, string> {
  const id = headerText(eventId)
  const timestamp = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest}`,
  }
}

/** Ids are text of providers, and headers are ASCII. */
function headerText(id: string): string {
  return id.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent)
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfter(header: string | null): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}
