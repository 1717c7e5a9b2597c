import { randomUUID } from 'node:crypto'
import { ConnectionLost } from './contract.ts'
import type { Store } from '../database/index.ts'
import type { Sealing } from '../sealing/index.ts'
import type {
  ConnectionKey,
  Connections,
  Consent,
  HeldConnection,
  OpenConnection,
} from './contract.ts'
import type { SealedConnection } from './sql.ts'

export { ConnectionLost } from './contract.ts'
export type {
  Connection,
  ConnectionChange,
  ConnectionKey,
  Connections,
  ConnectionState,
  ConnectionStatus,
  Consent,
  HeldConnection,
  OpenConnection,
} from './contract.ts'

/**
 * Opens the connections of a store. What was sealed with a key that is not configured any more is as good as lost: it
 * can be connected anew or removed, as if there were no secrets.
 */
export function openConnections<Secrets>(store: Store, sealing: Sealing): Connections<Secrets> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))

  const seal = (content: unknown, place: string): Uint8Array =>
    sealing.seal(Buffer.from(JSON.stringify(content)), place)
  const open = ({ sealed, ...connection }: SealedConnection): OpenConnection<Secrets> => ({
    ...connection,
    secrets:
      sealed.length === 0 ? null : (unsealed(sealing, sealed, placeOf(connection)) as Secrets),
  })

  /** What may be done with a connection under this lease. */
  const held = (found: SealedConnection, lease: string): HeldConnection<Secrets> => {
    const { app, provider } = found
    let current = open(found)
    return {
      get current() {
        return current
      },
      async save(change) {
        const next = { ...current, ...change, updatedAt: new Date().toISOString() }
        const { secrets, updatedAt: now, ...row } = next
        const sealed = secrets === null ? new Uint8Array() : seal(secrets, placeOf(next))
        if (!(await sql.save({ ...row, sealed }, { lease, now }))) throw lost()
        current = next
      },
      async remove() {
        if (!(await sql.remove({ app, provider }, lease))) throw lost()
      },
      release: () => sql.release({ app, provider }, lease),
    }
  }

  return {
    list: (app) => sql.list(app),
    async get(key) {
      const found = await sql.get(key)
      return found && open(found)
    },
    async hold({ app, provider }, { nowMs, leaseMs, create = false }) {
      const lease = randomUUID()
      const [now, until] = [timeOf(nowMs), timeOf(nowMs + leaseMs)]
      const found = await sql.hold({ app, provider }, { lease, now, until, create })
      return typeof found === 'string' ? found : held(found, lease)
    },
    due: (nowMs, limit) => sql.due(timeOf(nowMs), limit),
    async addConsent({ content, ...consent }, { nowMs, keep }) {
      const sealed = seal(content, consentPlace(consent))
      await sql.addConsent({ ...consent, sealed }, { now: timeOf(nowMs), keep })
    },
    async takeConsent(id, kind, nowMs) {
      const taken = await sql.takeConsent(id, kind)
      if (!taken || taken.expiresAt <= timeOf(nowMs)) return null
      const { sealed, ...rest } = taken
      const content = unsealed(sealing, sealed, consentPlace(taken))
      return content === null ? null : { ...rest, kind, content }
    },
  }
}

/** Null for what cannot be opened. */
function unsealed(sealing: Sealing, sealed: Uint8Array, place: string): unknown {
  try {
    return JSON.parse(sealing.open(sealed, place).toString())
  } catch {
    return null
  }
}

function lost(): ConnectionLost {
  return new ConnectionLost('the connection is held by another or gone')
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** Sealed for this app and provider: a row that is copied elsewhere opens nowhere. */
function placeOf({ app, provider }: ConnectionKey): string {
  return `connections/${app}/${provider}`
}

function consentPlace({ app, id }: Pick<Consent<unknown>, 'app' | 'id'>): string {
  return `consents/${app}/${id}`
}
