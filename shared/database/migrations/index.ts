import { access } from './access.ts'
import { ingest } from './ingest.ts'
import { journal } from './journal.ts'
import { mappings } from './mappings.ts'
import { presence } from './presence.ts'
import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export { postgres, sqlite } from './dialect.ts'

/** All steps of the schema, oldest first; a step that was ever released is never changed. */
export function migrations(dialect: Dialect): Migration[] {
  return [journal, ingest, access, presence, mappings].map((step) => step(dialect))
}
