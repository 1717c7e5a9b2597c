import type { Store } from '../database/index.ts'
import type { Sealing } from '../sealing/index.ts'
import type { Credentials, ProviderCredentials } from './contract.ts'
import type { SealedCredentials } from './sql.ts'

export type { Credentials, ProviderCredentials } from './contract.ts'

/** Opens the providers' credentials of a store. @throws if one was sealed with a key that is not configured */
export async function openCredentials(store: Store, sealing: Sealing): Promise<Credentials> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  let known = new Map<string, ProviderCredentials>()
  let revision = -1

  const refresh = async (): Promise<void> => {
    const current = await sql.revision()
    if (current === revision) return
    const rows = await sql.all()
    known = new Map(rows.map((row) => [keyOf(row.app, row.provider), open(row)]))
    // Read before the rows: a change in between is read once more.
    revision = current
  }

  const open = ({ app, provider, sealed, updatedAt }: SealedCredentials): ProviderCredentials => {
    try {
      const text = sealing.open(sealed, placeOf(app, provider)).toString()
      return { ...(JSON.parse(text) as Omit<ProviderCredentials, 'updatedAt'>), updatedAt }
    } catch (cause) {
      const reason = (cause as Error).message
      throw new Error(
        `The credentials of ${provider} of the app ${app} cannot be opened: ${reason}. Give SECRETS_KEY the key back, as its last value`,
        { cause },
      )
    }
  }

  await refresh()
  return {
    get revision() {
      return revision
    },
    of: (app, provider) => known.get(keyOf(app, provider)),
    async put(app, provider, { credentials, settings }) {
      const text = JSON.stringify({ credentials, settings })
      const sealed = sealing.seal(Buffer.from(text), placeOf(app, provider))
      const updatedAt = new Date().toISOString()
      await sql.put({ app, provider, sealed, updatedAt })
      await refresh()
      return { credentials, settings, updatedAt }
    },
    async remove(app, provider) {
      const removed = await sql.remove(app, provider)
      await refresh()
      return removed
    },
    refresh,
  }
}

function keyOf(app: string, provider: string): string {
  return `${app}/${provider}`
}

/** Sealed for this app and provider: a row that is copied elsewhere opens nowhere. */
function placeOf(app: string, provider: string): string {
  return `provider_credentials/${app}/${provider}`
}
