import { connectTo } from '../../egress/index.ts'
import { CodedError } from '../../errors/index.ts'
import { secure, type Trust } from '../../tls-trust/index.ts'
import type { Place, Waiting } from './place.ts'

/** Connects as the proxy would, with this trust. @returns why it refuses; null if it connects */
export async function prove(place: Place, trust: Trust, waiting: Waiting): Promise<unknown> {
  const { host, port, servername } = place
  try {
    const socket = await connectTo({ host, port, allowPrivate: true }, waiting)
    const trusted = await secure(socket, { ...waiting, servername, trust })
    trusted.on('error', () => {}).destroy()
    return null
  } catch (error) {
    return error
  }
}

/** Whether the proxy needs `allowPrivate` to connect there at all. */
export async function isPrivate({ host, port }: Place, waiting: Waiting): Promise<boolean> {
  try {
    const socket = await connectTo({ host, port, allowPrivate: false }, waiting)
    socket.destroy()
    return false
  } catch (error) {
    return error instanceof CodedError && error.code === 'upstream_private'
  }
}
