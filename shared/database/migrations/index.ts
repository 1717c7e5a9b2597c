import { apps } from './apps.ts'
import { calls } from './calls.ts'
import { inbox } from './inbox.ts'
import { people } from './people.ts'
import { access } from './access.ts'
import { ingest } from './ingest.ts'
import { journal } from './journal.ts'
import { mappings } from './mappings.ts'
import { milestones } from './milestones.ts'
import { presence } from './presence.ts'
import { registrations } from './registrations.ts'
import { traces } from './traces.ts'
import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export { postgres, sqlite } from './dialect.ts'

/** All steps of the schema, oldest first; a step that was ever released is never changed. */
export function migrations(dialect: Dialect): Migration[] {
  const steps = [journal, ingest, access, presence, mappings, calls, apps, inbox, people]
  return [...steps, registrations, traces, milestones].map((step) => step(dialect))
}
