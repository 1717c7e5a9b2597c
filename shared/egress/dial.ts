import { connect, type Socket } from 'node:net'
import { CodedError } from '../errors/index.ts'
import { within } from './deadline.ts'

/** How long an address may keep the next one waiting: enough for a second SYN. */
const shareMs = 2_000

/** How many addresses of a name are tried. */
const mostAddresses = 8

/** How long a silent connection stays without the kernel asking. */
const keepAliveMs = 30_000

export interface Dial {
  /** Judged addresses. */
  readonly addresses: readonly string[]
  readonly port: number
  /** What it is called in errors. */
  readonly name: string
  /** Of the clock of `performance`. */
  readonly until: number
  readonly signal: AbortSignal
}

/**
 * Connects to the first of some addresses that takes the connection.
 * @throws CodedError `upstream_unreachable`; what the signal aborts with
 */
export async function dial({ addresses, port, name, until, signal }: Dial): Promise<Socket> {
  const tried = addresses.slice(0, mostAddresses)
  const errors: Error[] = []
  for (const [index, address] of tried.entries()) {
    const attempt = (ended: AbortSignal): Promise<Socket> =>
      connected({ address, port, signal: ended })
    const waiting = tried.length - index - 1
    const timeoutMs = Math.min(shareMs, (until - performance.now()) / (waiting + 1))
    try {
      if (waiting === 0) return await attempt(signal)
      return await within({ timeoutMs, signal, late: silent }, attempt)
    } catch (error) {
      signal.throwIfAborted()
      errors.push(error as Error)
    }
  }
  throw unreachable(name, tried, errors)
}

const silent = (): Error => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

async function connected(to: {
  readonly address: string
  readonly port: number
  readonly signal: AbortSignal
}): Promise<Socket> {
  to.signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  // A literal address: nothing is looked up again.
  const socket = connect({
    host: to.address,
    port: to.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  })
  const abort = (): void => reject(to.signal.reason as Error)
  socket.once('connect', () => resolve(socket))
  socket.once('error', reject)
  to.signal.addEventListener('abort', abort)
  try {
    return await promise
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  } finally {
    socket.off('error', reject)
    to.signal.removeEventListener('abort', abort)
  }
}

function unreachable(
  name: string,
  addresses: readonly string[],
  errors: readonly Error[],
): CodedError {
  const [first] = errors
  if (errors.length === 1 && first) {
    return new CodedError('upstream_unreachable', { args: [name, reasonOf(first)], cause: first })
  }
  const reasons = errors.map((error, index) => `${addresses[index]}: ${reasonOf(error)}`)
  const cause = new AggregateError(errors, 'no address takes the connection')
  return new CodedError('upstream_unreachable', { args: [name, reasons.join(', ')], cause })
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  EHOSTUNREACH: 'there is no way to the host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to its network (ENETUNREACH)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  ETIMEDOUT: 'no answer (ETIMEDOUT)',
}

function reasonOf(error: Error): string {
  const { code = error.message } = error as NodeJS.ErrnoException
  return reasons[code] ?? code
}
