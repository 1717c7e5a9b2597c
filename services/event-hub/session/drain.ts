import type { Options } from '../config.ts'
import type { Client } from './door.ts'

interface DrainOptions {
  readonly limits: Options
  /** Whether clients have another process to go to. */
  readonly replicated: boolean
}

/**
 * Makes room for a process to end. Modern clients open another socket first, each at a moment of its own, and close
 * this one; who cannot is closed 1012, spread over the same time, with the milliseconds to wait. Event streams end at
 * once: their clients wait before they come back, each its own part of that time.
 */
export async function drain(
  clients: ReadonlySet<Client>,
  { limits, replicated }: DrainOptions,
): Promise<void> {
  const slotMs = limits.drainSlotSeconds * 1_000
  const deadlineMs = replicated ? limits.drainSeconds * 1_000 : 0
  await Promise.all([...clients].map((client) => leave(client, { slotMs, deadlineMs })))
}

async function leave(
  client: Client,
  { slotMs, deadlineMs }: { slotMs: number; deadlineMs: number },
): Promise<void> {
  const { connection, modern } = client
  if (modern && (deadlineMs > 0 || connection.oneWay))
    client.send('drain', { reason: 'deploy', deadlineMs, slotMs })
  // A single process cannot be replaced before it is gone: everyone comes back when it is there again.
  const patienceMs = modern ? deadlineMs : Math.random() * Math.min(slotMs, deadlineMs)
  const waitMs = connection.oneWay ? 0 : patienceMs
  const retryMs = Math.round(1_000 + Math.random() * slotMs)
  const timer = setTimeout(() => connection.close('restart', `restart ${retryMs}`), waitMs)
  await connection.whenClosed()
  clearTimeout(timer)
}
