import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../exit-codes.ts'

const deadlineMs = 30_000
const pollMs = 100

/**
 * Resolves when the suite is ready.
 * @throws Failure at the deadline, AbortError when the signal fires
 */
export async function ready(url: URL, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const either = AbortSignal.any([signal, deadline])
  while (!(await isReady(url, either))) {
    if (deadline.aborted) throw new Failure(`The suite was not ready within ${deadlineMs} ms.`)
    signal.throwIfAborted()
    await sleep(pollMs)
  }
}

async function isReady(url: URL, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(new URL('/readyz', url), { signal }).catch(() => null)
  // An unread body would keep its connection busy.
  await response?.body?.cancel()
  return response?.status === 200
}
