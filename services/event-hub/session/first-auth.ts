import { CodedError } from '@switchhook/shared/errors'
import { scopesOf } from '../channels.ts'
import { controlFrame } from '../feed/encode.ts'
import { parseMessage } from '../requests/index.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Connection } from '../transports/websocket.ts'
import type { Door } from './door.ts'
import type { Inbox } from './inbox.ts'

/**
 * Waits for the first message of a client that came without a credential: it says who it is, or is closed with the
 * reason a missing or wrong credential has anywhere.
 */
export async function firstAuth(
  door: Door,
  connection: Connection,
  inbox: Inbox,
): Promise<Principal | null> {
  try {
    const message = await inbox.take(door.limits.authSeconds * 1_000)
    if (!message) throw new CodedError('auth_missing')
    const { type, data, id } = parseMessage(message.data, message.isBinary)
    const token = data?.['token']
    if (type !== 'auth' || typeof token !== 'string') throw new CodedError('auth_missing')
    const principal = await door.verifyToken(token)
    connection.write(controlFrame('auth', { exp: principal.exp, scopes: scopesOf(principal) }, id))
    return principal
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'auth_missing'
    const reason = /^auth_|^app_disabled$/.test(code) ? code : 'auth_missing'
    door.metrics.refused(reason)
    connection.close('policy', reason)
    return null
  }
}
