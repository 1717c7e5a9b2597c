import { canonicalValue } from './key.ts'
import type { Store } from '../database/index.ts'
import type { ProviderUsers } from './contract.ts'

/** Opens the provider users that a store has seen. */
export function openProviderUsers(store: Store): ProviderUsers {
  const module = import.meta.resolve('./provider-users-sql.ts')
  const sql = store.procedures<typeof import('./provider-users-sql.ts')>(module)
  return {
    async note(seen) {
      const users = [...seen].flatMap(([app, ofApp]) =>
        ofApp.map(({ provider, value, email, name }) => ({
          app,
          provider,
          value: canonicalValue(value),
          email: email === null ? null : canonicalValue(email),
          name,
        })),
      )
      // One statement writes no row twice.
      const each = new Map(
        users.map((user) => [JSON.stringify([user.app, user.provider, user.value]), user]),
      )
      if (each.size > 0) await sql.note([...each.values()])
    },
    unmapped: (app, filter) => sql.unmapped(app, filter),
  }
}
