import type { Options } from '../config.ts'
import type { Session } from './index.ts'

interface DrainOptions {
  readonly limits: Options
  /** Whether clients have another process to go to. */
  readonly replicated: boolean
}

/**
 * Makes room for a process to end. Modern clients open another socket first, each at a moment of its own, and close
 * this one; who cannot is closed 1012, spread over the same time, with the milliseconds to wait.
 */
export async function drain(
  sessions: ReadonlySet<Session>,
  { limits, replicated }: DrainOptions,
): Promise<void> {
  const slotMs = limits.drainSlotSeconds * 1_000
  const deadlineMs = replicated ? limits.drainSeconds * 1_000 : 0
  await Promise.all([...sessions].map((session) => leave(session, { slotMs, deadlineMs })))
}

async function leave(
  session: Session,
  { slotMs, deadlineMs }: { slotMs: number; deadlineMs: number },
): Promise<void> {
  const { connection, modern } = session
  const { socket } = connection
  if (socket.readyState === socket.CLOSED) return
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  if (modern && deadlineMs > 0) session.send('drain', { reason: 'deploy', deadlineMs, slotMs })
  // A single process cannot be replaced before it is gone: everyone comes back when it is there again.
  const waitMs = modern ? deadlineMs : Math.random() * Math.min(slotMs, deadlineMs)
  const retryMs = Math.round(1_000 + Math.random() * slotMs)
  const timer = setTimeout(() => connection.close('restart', `restart ${retryMs}`), waitMs)
  await closed
  clearTimeout(timer)
}
