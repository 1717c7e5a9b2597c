import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FanoutReady } from '../peers/fanout/control.ts'
import type { DialectName } from './dialects.ts'

/** A server under test, as the load processes know it. */
export interface Target extends FanoutReady {
  readonly dialect: DialectName
}

/** Opens the connection that takes a server's commands. */
export async function openControl({ control }: Target): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: control, noDelay: true })
  await once(socket, 'connect')
  return socket
}
