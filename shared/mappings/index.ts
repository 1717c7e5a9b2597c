import type { Store } from '../database/index.ts'
import type { Mapping, Mappings, NewMapping } from './contract.ts'

export type { Mapped, Mapping, MappingKind, Mappings, NewMapping } from './contract.ts'

type Key = Pick<NewMapping, 'kind' | 'provider' | 'value'>

/** Opens the user mappings of a store. */
export async function openMappings(store: Store): Promise<Mappings> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  let byKey = new Map<string, Mapping>()
  let byApp = new Map<string, Mapping[]>()
  let revision = -1

  const refresh = async (): Promise<void> => {
    // Read before the rows: a change in between is read once more.
    const current = await sql.revision()
    if (current === revision) return
    const stored = await sql.all()
    byKey = new Map(stored.map(({ app, mapping }) => [keyOf(app, mapping), mapping]))
    byApp = new Map()
    for (const { app, mapping } of stored) {
      const list = byApp.get(app)
      if (list) list.push(mapping)
      else byApp.set(app, [mapping])
    }
    revision = current
  }

  await refresh()
  return {
    get revision() {
      return revision
    },
    of: (app, key) => byKey.get(keyOf(app, key)),
    list: (app) => byApp.get(app) ?? [],
    async put(app, given) {
      const canonical = given.map((mapping) => ({ ...mapping, ...canonicalKey(mapping) }))
      await sql.put(app, canonical)
      await refresh()
      return canonical.map((mapping) => byKey.get(keyOf(app, mapping))!)
    },
    async remove(app, id) {
      const removed = await sql.remove(app, id)
      await refresh()
      return removed
    },
    refresh,
  }
}

function keyOf(app: string, key: Key): string {
  const { kind, provider, value } = canonicalKey(key)
  return `${app}\n${kind}\n${provider ?? ''}\n${value}`
}

/** E-mail addresses and SIP hosts are written in any case; only a provider user belongs to a provider. */
function canonicalKey({ kind, provider, value }: Key): Key {
  return {
    kind,
    provider: kind === 'provider_user' ? provider : null,
    value: value.includes('@') ? value.toLowerCase() : value,
  }
}
