import { closeCodes } from '@switchhook/shared/protocol'
import type { Principal } from '@switchhook/plugins/auth'

/** What knows of credentials that were taken back, as an app does. */
interface Access {
  revoked(principal: Principal): boolean
  /** Changes whenever an answer of `revoked` may have changed. */
  readonly accessRevision: number
}

/** A connection that can be ended. */
interface Closable {
  close(code: number, reason: string): void
}

/** Between two looks; what another process took back is known here within a second. */
const lookEveryMs = 1_000

/**
 * Connections that somebody showed a credential for: they end when it is taken back. A token that only runs out ends
 * none, for a phone cannot renew one on an open socket, and would be cut off in a call.
 */
export class Holders {
  readonly #access: Access
  readonly #holders = new Map<Closable, Principal>()
  readonly #timer: NodeJS.Timeout
  #revision: number

  constructor(access: Access) {
    this.#access = access
    this.#revision = access.accessRevision
    this.#timer = setInterval(() => this.look(), lookEveryMs)
    this.#timer.unref()
  }

  add(connection: Closable, principal: Principal): void {
    this.#holders.set(connection, principal)
    // While the PBX was asked.
    if (this.#access.revoked(principal)) this.#end(connection)
  }

  remove(connection: Closable): void {
    this.#holders.delete(connection)
  }

  /** Ends the connections of whoever may not be there any more. */
  look(): void {
    const { accessRevision } = this.#access
    const isNews = accessRevision !== this.#revision
    this.#revision = accessRevision
    for (const [connection, principal] of this.#holders) {
      // The time of a key may come without any news: it was replaced, or is for so long only.
      const isAsked = isNews || principal.keyId !== null
      if (isAsked && this.#access.revoked(principal)) this.#end(connection)
    }
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer)
  }

  #end(connection: Closable): void {
    this.#holders.delete(connection)
    connection.close(closeCodes.revoked.code, 'revoked')
  }
}
