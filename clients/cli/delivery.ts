import { inspect } from 'node:util'
import { Failure } from './exit-codes.ts'
import type { SignedDelivery } from '@switchhook/shared/providers'

const timeoutMs = 10_000

/** What the endpoint answered to a delivery it accepted. */
export interface Receipt {
  readonly status: number
  /** accepted, duplicate or quarantined; empty from an endpoint that is not ours. */
  readonly outcome: string
  /** Ids of the events that are now on record. */
  readonly events: readonly string[]
  readonly tookMs: number
}

/**
 * Delivers one webhook as a provider does.
 * @throws Failure with the problem's detail and fix unless the answer is 2xx
 */
export async function deliver(
  url: URL,
  { method, headers, body }: SignedDelivery,
): Promise<Receipt> {
  const begun = performance.now()
  const response = await fetch(url, {
    method,
    headers,
    ...(method === 'POST' && { body: new Uint8Array(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Failure(
      `${url.href} cannot be reached: ${reasonOf(error)}`,
      'Is the service running?',
    )
  })
  const answer = objectOf(await response.text())
  if (!response.ok) throw refusal(response.status, answer)
  return {
    status: response.status,
    outcome: textOf(answer, 'status') ?? '',
    events: Array.isArray(answer['events']) ? answer['events'].map(String) : [],
    tookMs: Math.round(performance.now() - begun),
  }
}

function refusal(status: number, problem: Record<string, unknown>): Failure {
  const detail = textOf(problem, 'detail') ?? 'no reason was given'
  const answer = [status, textOf(problem, 'code')].filter(Boolean).join(' ')
  return new Failure(`${answer}: ${detail}`, textOf(problem, 'fix'))
}

function textOf(answer: Record<string, unknown>, name: string): string | undefined {
  const value = answer[name]
  return typeof value === 'string' ? value : undefined
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** `fetch failed` says nothing; what failed is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  return cause instanceof Error ? cause.message || inspect(cause) : message
}
