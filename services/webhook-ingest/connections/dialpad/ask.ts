import { parseJson } from '@switchhook/shared/providers'
import { DialpadFailure } from './failure.ts'

/** A request to Dialpad. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** It may carry nothing secret. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of the answer, in bytes. */
  readonly limit: number
  /** What is asked for, to follow "Dialpad" and a verb: `the token`. */
  readonly what: string
  /** The end of whatever this belongs to. */
  readonly signal?: AbortSignal
}

/** What came back. */
export interface Answer {
  readonly status: number
  /** JSON, its long integers as strings; null if it is none. */
  readonly body: unknown
  readonly retryAfterMs: number | null
}

const timeoutMs = 5_000
/** A later time than this is not believed. */
const mostRetryAfterMs = 1_800_000

/**
 * Asks Dialpad, following no redirect: what is sent is for Dialpad only.
 * @throws DialpadFailure `unreachable` without an answer within 5 s and within its limit
 */
export async function ask(question: Question): Promise<Answer> {
  const { method, url, headers, body, limit, signal } = question
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    const text = await read(response, limit)
    return {
      status: response.status,
      body: parsed(text),
      retryAfterMs: retryAfterOf(response.headers.get('retry-after')),
    }
  } catch (error) {
    throw new DialpadFailure('unreachable', `Dialpad ${reasonOf(error)} (${question.what})`)
  }
}

/** The failure that an answer means, other than what an endpoint says in words of its own. */
export function failureOf({ status, retryAfterMs }: Answer, what: string): DialpadFailure {
  const details = { status, retryAfterMs }
  if (status === 401) {
    return new DialpadFailure('unauthorized', `Dialpad refused the token (${what})`, details)
  }
  if (status === 429 || status >= 500) {
    const reason = status === 429 ? 'has had too many requests' : 'failed'
    return new DialpadFailure('busy', `Dialpad ${reason}: status ${status} (${what})`, details)
  }
  const hint = status === 403 ? '; whoever consents must be an administrator of the company' : ''
  return new DialpadFailure('refused', `Dialpad refused ${what}: status ${status}${hint}`, details)
}

/** Whether an answer is what was asked for. */
export function succeeded({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

const tooMuch = Symbol('too much')

async function read(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limit) throw tooMuch
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    // Its ids are integers beyond 2^53.
    return parseJson(Buffer.from(text))
  } catch {
    return null
  }
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterOf(header: string | null): number | null {
  if (header === null) return null
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 1_000), mostRetryAfterMs)
}

/** Nothing of the error itself: it may quote the request. */
function reasonOf(error: unknown): string {
  if (error === tooMuch) return 'answered more than is read'
  if (error instanceof DOMException) return 'did not answer in time'
  const { cause } = error as { cause?: { code?: unknown } }
  const code = typeof cause?.code === 'string' ? `: ${cause.code}` : ''
  return `could not be reached${code}`
}
