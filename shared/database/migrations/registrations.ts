import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Who is registered where, as sip-proxies saw it. */
export const registrations = ({ key }: Dialect): Migration => ({
  id: 10,
  name: 'registrations',
  statements: [
    // id: of a binding, so that whoever registers it next takes the row over; node: of nodes, whose it is now.
    `create table registrations (
      id ${key} primary key,
      app ${key} not null,
      aor ${key} not null,
      username ${key} not null,
      contact text not null,
      instance text,
      user_agent text,
      address text not null,
      upstream ${key} not null,
      connection text not null,
      node ${key} not null,
      granted_seconds bigint not null,
      expires_at ${key} not null,
      registered_at ${key} not null)`,
    `create index registrations_by_time on registrations (app, registered_at, id)`,
    `create index registrations_by_aor on registrations (app, aor, registered_at, id)`,
    `create index registrations_by_user on registrations (app, username, registered_at, id)`,
    `create index registrations_by_end on registrations (expires_at, id)`,
    `create index registrations_of_node on registrations (node)`,
  ],
})
