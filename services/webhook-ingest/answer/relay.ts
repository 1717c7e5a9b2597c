import { createHash } from 'node:crypto'
import { answerIn } from './json-object.ts'

/** Why the relay gave no answer. */
export type RelayFailure =
  | 'busy'
  | 'closed'
  | 'not_a_json_object'
  | 'status'
  | 'timeout'
  | 'too_large'
  | 'unreachable'

/** What came of a question; with `status` if that is what was wrong. */
export type RelayOutcome =
  | { readonly ok: true; readonly answer: object }
  | { readonly ok: false; readonly reason: RelayFailure; readonly status?: number }

/** The customer's own server, which knows the answers. */
export interface Relay {
  /** Never rejects, and ends with the deadline. */
  ask(body: Buffer): Promise<RelayOutcome>
  /** Ends every question that is under way. */
  close(): void
}

interface Bounds {
  readonly deadlineMs: number
  readonly mostUnderWay: number
}

/** Of an answer, in bytes. */
const answerLimit = 1_048_576

/**
 * Asks the server at a URL by POST, with the body as the provider sent it and none of the provider's headers: they prove
 * it to us, and would prove anybody who has seen them. A redirect is not followed, and nothing is asked twice, since a
 * question may make the server do something.
 */
export function openRelay(url: string, { deadlineMs, mostUnderWay }: Bounds): Relay {
  const closing = new AbortController()
  let underWay = 0
  return {
    close: () => closing.abort(),
    async ask(body) {
      if (closing.signal.aborted) return failure('closed')
      if (underWay >= mostUnderWay) return failure('busy')
      underWay += 1
      const deadline = AbortSignal.timeout(deadlineMs)
      try {
        return await question(url, body, AbortSignal.any([deadline, closing.signal]))
      } catch {
        if (closing.signal.aborted) return failure('closed')
        return failure(deadline.aborted ? 'timeout' : 'unreachable')
      } finally {
        underWay -= 1
      }
    },
  }
}

async function question(url: string, body: Buffer, signal: AbortSignal): Promise<RelayOutcome> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'switchhook',
      'x-switchhook-provider': 'vapi',
      // The same for a retry, so that a server can tell one from a new question.
      'x-switchhook-delivery': createHash('sha256').update(body).digest('hex'),
    },
    body: new Uint8Array(body),
    signal,
  })
  if (!response.ok) {
    await response.body?.cancel()
    return { ...failure('status'), status: response.status }
  }
  const bytes = await read(response)
  if (!bytes) return failure('too_large')
  const answer = answerIn(bytes)
  return answer ? { ok: true, answer } : failure('not_a_json_object')
}

/** The body of an answer; null if it is larger than the limit. */
async function read(response: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > answerLimit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function failure(reason: RelayFailure) {
  return { ok: false, reason } as const
}
