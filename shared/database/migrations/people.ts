import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Who is who, as operators keep it; and what is still sealed with a key that is about to go. */
export const people = ({ key }: Dialect): Migration => ({
  id: 9,
  name: 'changes of mappings, provider users, re-sealing',
  statements: [
    `alter table user_mappings add column updated_at text`,
    // revision: what a process has not read yet.
    `alter table user_mappings add column revision bigint not null default 0`,
    `create index mappings_by_time on user_mappings (app, created_at, id)`,
    `create index mappings_of_user on user_mappings (app, sub, created_at, id)`,
    `create index mappings_of_value on user_mappings (app, value, created_at, id)`,
    `create index mappings_by_revision on user_mappings (revision)`,
    // What is no more, for processes that still know it: one row for each of the last revisions.
    `create table mapping_removals (
      revision bigint primary key,
      app ${key} not null,
      kind ${key} not null,
      provider ${key} not null,
      value ${key} not null)`,
    // Whom providers named as agents and nobody had mapped then; value and email as mappings spell them.
    `create table provider_users (
      app ${key} not null references apps (id),
      provider ${key} not null,
      value ${key} not null,
      email ${key},
      name text,
      first_seen_at text not null,
      last_seen_at text not null,
      primary key (app, provider, value))`,
    `create index provider_users_by_time on provider_users (app, last_seen_at, provider, value)`,
    // One row: how far the re-sealing under a key is, and who is at it.
    `create table resealing (
      one integer primary key check (one = 1),
      mark ${key} not null,
      place text,
      found bigint not null,
      done_at text,
      holder ${key},
      held_until text)`,
  ],
})
