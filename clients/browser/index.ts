import { Connection, type ConnectOptions } from './connection.ts'

export { HubError } from './requests.ts'
export type { Connection, ConnectOptions, HistoryOptions, SubscribeOptions } from './connection.ts'
export type { Snapshot } from './feed/snapshot.ts'
export type { Refusal } from './link/close.ts'
export type { CredentialOptions } from './link/credential.ts'
export type { Clock, HubSocket, HubSocketConstructor } from './link/socket.ts'
export type { EventName, Happenings } from './listeners.ts'
export type { ConnectionState } from './state.ts'

/**
 * Connects to a hub and stays connected: every event once and in order, across lost networks and restarts, or a
 * fresh snapshot where that cannot be. Runs in browsers, Electron and Node.
 */
export function connect(options: ConnectOptions): Connection {
  return new Connection(options)
}
