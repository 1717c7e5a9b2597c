import { setImmediate as turn } from 'node:timers/promises'

/**
 * Asks again and again until it is so; for what sends no event when it changes.
 * @throws when it is not so within `ms`
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const deadline = AbortSignal.timeout(ms)
  while (!(await condition())) {
    deadline.throwIfAborted()
    await turn()
  }
}
