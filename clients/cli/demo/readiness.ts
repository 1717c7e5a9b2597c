import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../exit-codes.ts'

const deadlineMs = 60_000
const pollMs = 100

/** Where a suite listens, and what it alone accepts. */
interface Address {
  readonly url: URL
  readonly token: string
}

/**
 * Resolves when the suite is ready.
 * @throws Failure at the deadline, AbortError when the signal fires
 */
export async function ready(suite: Address, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const either = AbortSignal.any([signal, deadline])
  while (!(await isReady(suite, either))) {
    if (deadline.aborted) throw new Failure(`The suite was not ready within ${deadlineMs} ms.`)
    signal.throwIfAborted()
    await sleep(pollMs)
  }
}

/** Somebody else may have taken the port since it was claimed: who knows the token is the suite. */
async function isReady({ url, token }: Address, signal: AbortSignal): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/readyz', '/api/calls?limit=1']) {
    const response = await fetch(new URL(path, url), { headers, signal }).catch(() => null)
    // An unread body would keep its connection busy.
    await response?.body?.cancel()
    if (response?.status !== 200) return false
  }
  return true
}
