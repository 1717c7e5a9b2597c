import type { Outcome, Send } from '@switchhook/shared/doctor'
import type { SignedDelivery } from '@switchhook/shared/providers'

const timeoutMs = 10_000
/** Enough for a problem; a page of somebody else's is cut off. */
const mostBytes = 65_536

/** Sends as providers do, who follow no redirect and wait for so long. */
export const send: Send = async (url, delivery) => {
  try {
    return await request(url, delivery)
  } catch (failure) {
    return { failure }
  }
}

async function request(url: string, { method, headers, body }: SignedDelivery): Promise<Outcome> {
  const response = await fetch(url, {
    method,
    headers,
    ...(method === 'POST' && { body: new Uint8Array(body) }),
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
