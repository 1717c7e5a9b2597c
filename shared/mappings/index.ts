import { inTurn } from '../database/in-turn.ts'
import { canonicalKey, textOf } from './key.ts'
import type { Store } from '../database/index.ts'
import type { Mapping, MappingKey, Mappings, NewMapping, Written } from './contract.ts'

export { openProviderUsers } from './provider-users.ts'
export { canonicalKey, canonicalValue, textOf } from './key.ts'
export type {
  Mapped,
  Mapping,
  MappingFilter,
  MappingKey,
  MappingKind,
  Mappings,
  NewMapping,
  ProviderUser,
  ProviderUsers,
  SeenFilter,
  SeenUser,
  Written,
} from './contract.ts'

/** Mappings of an app: every process has all of them in memory. */
export const mostMappings = 100_000

/** Opens the user mappings of a store. */
export async function openMappings(store: Store, most = mostMappings): Promise<Mappings> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const known = new Map<string, Mapping>()
  const listeners = new Set<() => void>()
  let read = -1
  let revision = 0

  const readChanges = async (): Promise<void> => {
    const changes = await sql.changes(read)
    if (!changes) return
    if (changes.all) known.clear()
    // First what is gone: a value may have been mapped anew since.
    for (const { app, ...key } of changes.removed) known.delete(keyOf(app, key))
    for (const { app, mapping } of changes.stored) known.set(keyOf(app, mapping), mapping)
    read = changes.revision
    if (!changes.all && changes.removed.length === 0 && changes.stored.length === 0) return
    revision += 1
    for (const listener of listeners) listener()
  }

  const turns = inTurn()
  const refresh = (): Promise<void> => turns.take(readChanges)
  /** What was written is known here when it is answered. */
  const written = async <T>(result: T): Promise<T> => {
    await refresh()
    return result
  }

  await refresh()
  return {
    get revision() {
      return revision
    },
    of: (app, key) => known.get(keyOf(app, canonicalKey(key))),
    get: (app, id) => sql.get(app, id),
    list: (app, filter) => sql.list(app, filter),
    async put(app, given) {
      await refresh()
      const canonical = given.map(({ sub, team, ...key }) => ({ ...canonicalKey(key), sub, team }))
      const before = canonical.map((mapping) => known.get(keyOf(app, mapping)))
      // What another process changes from now on, it changes after us.
      const changed = canonical.filter((mapping, index) => !sameUser(mapping, before[index]))
      const stored =
        changed.length === 0 ? [] : await written(await sql.put(app, { mappings: changed, most }))
      if (!stored) return null
      const now = new Map(stored.map(({ mapping }) => [textOf(mapping), mapping]))
      const created = stored.filter((one) => one.created).length
      return {
        mappings: canonical.map((mapping, index) => now.get(textOf(mapping)) ?? before[index]!),
        created,
        changed: changed.length - created,
        unchanged: canonical.length - changed.length,
      } satisfies Written
    },
    change: async (app, id, user) => written(await sql.change(app, id, user)),
    remove: async (app, id) => written(await sql.remove(app, id)),
    refresh,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function sameUser({ sub, team }: NewMapping, before: Mapping | undefined): boolean {
  return before?.sub === sub && before.team === team
}

function keyOf(app: string, key: MappingKey): string {
  return `${app}\n${textOf(key)}`
}
