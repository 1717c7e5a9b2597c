import { Failure } from '../exit-codes.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { Span } from './moments.ts'

/** What of the past is asked for. */
export interface Past extends Span {
  readonly call?: string
  readonly app?: string
}

/** A service whose past is asked for, and who asks. */
export interface Service {
  readonly url: URL
  readonly secret: string
  readonly signal: AbortSignal
}

/** What became of the deliveries that were read anew. */
export interface Counts {
  readonly deliveries: number
  readonly accepted: number
  readonly duplicate: number
  readonly quarantined: number
  readonly purged: number
}

/** What a page ends with: how to go on, null at the end. */
interface Page {
  readonly next: string | null
}

const timeoutMs = 60_000

/** The events of the past, a page at a time, from the first one after `after` on. @throws Failure */
export async function* eventsOf(
  service: Service,
  past: Past,
  after?: string,
): AsyncGenerator<readonly EventFrame[]> {
  let next: string | null | undefined = after
  do {
    const page: Page & { events: readonly EventFrame[] } = await ask(service, {
      query: { ...past, ...(next && { after: next }) },
    })
    yield page.events
    next = following(next, page)
  } while (next !== null)
}

/** Has the deliveries of the past read anew, a page at a time. @throws Failure */
export async function* readAnew(service: Service, past: Past): AsyncGenerator<Counts> {
  let next: string | null | undefined
  do {
    const page: Page & Counts = await ask(service, {
      body: { ...past, ...(next && { after: next }) },
    })
    yield page
    next = following(next, page)
  } while (next !== null)
}

/** @throws Failure if it would go round in circles */
function following(before: string | null | undefined, { next }: Page): string | null {
  if (next === null || (typeof next === 'string' && next !== before)) return next
  throw new Failure('the service does not say how to go on', 'Is it of the same version?')
}

type Question = { readonly query: object } | { readonly body: object }

async function ask<Answer>({ url, secret, signal }: Service, question: Question): Promise<Answer> {
  const asked = new URL(url)
  if ('query' in question) asked.search = new URLSearchParams({ ...question.query }).toString()
  const response = await fetch(asked, {
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...('body' in question && { method: 'POST', body: JSON.stringify(question.body) }),
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new Failure(
      `${url.href} cannot be reached: ${reasonOf(error)}`,
      'Is the service running? --url names another one.',
    )
  })
  const answer = objectIn(await response.text())
  if (response.status === 200 && 'next' in answer) return answer as Answer
  throw refusal(response.status, answer)
}

function refusal(status: number, { code, detail, fix }: Record<string, unknown>): Failure {
  const words = typeof detail === 'string' ? detail : 'it does not answer as Switchhook does'
  const answer = [status, typeof code === 'string' ? code : ''].filter(Boolean).join(' ')
  return new Failure(
    `${answer}: ${words}`,
    typeof fix === 'string'
      ? fix
      : '/internal/replay is on webhook-ingest, on ADMIN_PORT if there is one: --url names it.',
  )
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** `fetch failed` says nothing; what failed is in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  if (!(cause instanceof Error)) return message
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
}
