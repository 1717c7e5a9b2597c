import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Which of our users a provider's user, a phone number or a SIP user is. */
export const mappings = ({ key }: Dialect): Migration => ({
  id: 5,
  name: 'user mappings',
  statements: [
    `create table user_mappings (
      app ${key} not null references apps (id),
      id ${key} not null,
      kind ${key} not null,
      provider ${key} not null,
      value ${key} not null,
      sub ${key} not null,
      team ${key},
      created_at text not null,
      primary key (app, id))`,
    // One owner for each: a call would otherwise show on two screens by accident.
    `create unique index mappings_by_value on user_mappings (app, kind, provider, value)`,
  ],
})
