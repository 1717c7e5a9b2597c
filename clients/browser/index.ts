import { Connection, type ConnectOptions } from './connection.ts'

export type { Refusal } from './close.ts'
export type { Connection, ConnectOptions } from './connection.ts'
export type { Snapshot } from './snapshot.ts'
export type { Clock, HubSocket, HubSocketConstructor } from './socket.ts'
export type { ConnectionState } from './state.ts'

/**
 * Connects to a hub and stays connected: every event once and in order, across lost networks and restarts, or a
 * fresh snapshot where that cannot be. Runs in browsers, Electron and Node.
 */
export function connect(options: ConnectOptions): Connection {
  return new Connection(options)
}
