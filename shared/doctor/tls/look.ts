import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { connectTo } from '../../egress/index.ts'
import { chainAsSent } from '../../tls-trust/index.ts'
import { faultIn, type Finding } from '../finding.ts'
import { tlsFault } from './faults.ts'
import type { Place, Waiting } from './place.ts'
import type { X509Certificate } from 'node:crypto'

/** What was seen of a server that nobody believed yet. */
export interface Seen {
  readonly socket: TLSSocket
  /** As it was sent, the server's own first. */
  readonly chain: readonly X509Certificate[]
  /** `TLSv1.3`. */
  readonly protocol: string
  readonly address: string
}

/**
 * Opens TLS with whoever is there, whatever its certificate and however old its version: for looking at it, never for
 * credentials.
 */
export async function look(place: Place, waiting: Waiting): Promise<Seen | Finding> {
  const { host, port, servername } = place
  let socket: TLSSocket | null = null
  try {
    const to = { host, port, allowPrivate: true }
    const connection = await connectTo(to, waiting)
    const late = AbortSignal.timeout(waiting.timeoutMs)
    const signal = waiting.signal ? AbortSignal.any([waiting.signal, late]) : late
    socket = connect({
      socket: connection,
      servername: /^[\d.]+$|:/.test(servername) ? '' : servername,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
      ALPNProtocols: ['http/1.1'],
    })
    await once(socket, 'secureConnect', { signal })
    socket.on('error', () => {})
    const protocol = socket.getProtocol() ?? 'TLS'
    return {
      socket,
      chain: chainAsSent(socket),
      protocol,
      address: connection.remoteAddress ?? host,
    }
  } catch (error) {
    socket?.on('error', () => {}).destroy()
    return socket === null ? faultIn(error) : tlsFault(error, place, waiting.timeoutMs)
  }
}
