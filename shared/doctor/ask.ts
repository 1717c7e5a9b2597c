import type { Answer, Outcome } from './answer.ts'

/** A request as it goes out. */
export interface Question {
  /** GET if not given. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const timeoutMs = 10_000
/** Enough for a problem; a page of somebody else's is cut off. */
const mostBytes = 65_536

/** Asks as providers and monitors do, who follow no redirect and wait for so long; never throws. */
export async function ask(url: string, question: Question = {}): Promise<Outcome> {
  try {
    return await answerTo(url, question)
  } catch (failure) {
    return { failure }
  }
}

async function answerTo(
  url: string,
  { method = 'GET', headers = {}, body }: Question,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    ...(body && method === 'POST' && { body: new Uint8Array(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const atMs = Date.now()
  const text = await beginning(response)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text,
    atMs,
  }
}

async function beginning({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString()
}
