import type { Duplex } from 'node:stream'
import { CodedError } from '../errors/index.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'

/** Whom is waited for, and how long. */
interface Waiting {
  readonly host: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

interface Answer extends ResponseHead {
  /** Octets behind the head. */
  readonly head: Buffer
}

/** Octets of a head, its empty line included; a longer one is refused. */
const mostOctets = 16_384
const emptyLine = '\r\n\r\n'

/**
 * Writes a request and reads the head of its answer; the socket is paused afterwards.
 * @throws CodedError `upstream_not_websocket`, `upstream_unreachable` or `upstream_timeout`; the reason of the signal
 */
export function readHead(socket: Duplex, request: string, waiting: Waiting): Promise<Answer> {
  const { host, timeoutMs, signal } = waiting
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  let read = Buffer.alloc(0)
  const settle = (outcome: Answer | Error): void => {
    clearTimeout(timer)
    // At once: what the socket holds behind the head would else be told to nobody.
    socket.pause()
    socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError)
    signal?.removeEventListener('abort', onAbort)
    if (outcome instanceof Error) reject(outcome)
    else resolve(outcome)
  }
  const onData = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk])
    const outcome = answerIn(read, host)
    if (outcome) settle(outcome)
  }
  const onEnd = (): void => settle(fault(host, 'it closes the connection without an answer'))
  const onError = (cause: Error): void =>
    settle(new CodedError('upstream_unreachable', { args: [host, cause.message], cause }))
  const onAbort = (): void => settle(signal?.reason as Error)
  const onLate = (): void =>
    settle(new CodedError('upstream_timeout', { args: [host, 'the handshake', timeoutMs] }))
  const timer = setTimeout(onLate, timeoutMs)
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError)
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  else if (socket.destroyed || socket.readableEnded) onEnd()
  else socket.write(request, 'latin1')
  return promise
}

/** The answer, why it is none, or nothing while there is too little of it. */
function answerIn(read: Buffer, host: string): Answer | CodedError | null {
  const at = read.subarray(0, mostOctets).indexOf(emptyLine)
  if (at < 0) {
    if (!mayBeHttp(read)) return fault(host, 'what it answers is not HTTP')
    return read.length < mostOctets ? null : fault(host, 'the head of its answer has no end')
  }
  const parsed = parseResponseHead(read.toString('latin1', 0, at))
  if (!parsed) return fault(host, 'what it answers is not HTTP')
  return { ...parsed, head: read.subarray(at + emptyLine.length) }
}

function mayBeHttp(read: Buffer): boolean {
  const start = 'HTTP/1.'
  return start.startsWith(read.toString('latin1', 0, start.length))
}

function fault(host: string, why: string): CodedError {
  return new CodedError('upstream_not_websocket', { args: [host, why] })
}
