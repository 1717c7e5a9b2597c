import { once } from 'node:events'
import { CodedError } from '@switchhook/shared/errors'
import { controlFrame } from '../feed/encode.ts'
import { parseMessage } from './messages.ts'
import { scopesOf } from './scope.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Connection } from '../transports/websocket.ts'
import type { Door } from './serve.ts'

/**
 * Waits for the first message of a client that came without a credential: it says who it is, or is closed with the
 * reason a missing or wrong credential has anywhere.
 */
export async function firstAuth(door: Door, connection: Connection): Promise<Principal | null> {
  const { socket } = connection
  const signal = AbortSignal.timeout(door.limits.authSeconds * 1_000)
  const message = once(socket, 'message', { signal })
  socket.resume()
  try {
    const [raw, isBinary] = (await message) as [Buffer, boolean]
    socket.pause()
    const { type, data, id } = parseMessage(raw, isBinary)
    const token = data?.['token']
    if (type !== 'auth' || typeof token !== 'string') throw new CodedError('auth_missing')
    const principal = await door.verifyToken(token)
    connection.write(controlFrame('auth', { exp: principal.exp, scopes: scopesOf(principal) }, id))
    return principal
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'auth_missing'
    const reason = code.startsWith('auth_') ? code : 'auth_missing'
    door.metrics.refused(reason)
    connection.close('policy', reason)
    return null
  }
}
