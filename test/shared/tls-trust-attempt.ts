import { once } from 'node:events'
import { connect } from 'node:net'
import { CodedError } from '@switchhook/shared/errors'
import { secure, type Trust, type TrustOptions } from '@switchhook/shared/tls-trust'

/** The deadline of an attempt that is not about deadlines. */
const timeoutMs = 10_000

/** Connects to a port of the loopback, begins TLS, says `hello` if it is trusted, and is gone. */
export async function attempt(
  { port }: { readonly port: number },
  trust: Trust,
  options: Partial<TrustOptions> = {},
): Promise<string> {
  const error = await refusalOf({ port }, trust, options)
  return error?.code ?? 'trusted'
}

/** The error of an attempt; null if the peer was trusted. */
export async function refusalOf(
  { port }: { readonly port: number },
  trust: Trust,
  options: Partial<TrustOptions> = {},
): Promise<CodedError | null> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  try {
    const secured = await secure(socket, { servername: 'localhost', trust, timeoutMs, ...options })
    secured.on('error', () => {})
    secured.end('hello')
    await once(secured.resume(), 'close')
    return null
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}
