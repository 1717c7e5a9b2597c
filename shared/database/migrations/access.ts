import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Credentials that are not tokens, and what is taken back of those that are. */
export const access = ({ key }: Dialect): Migration => ({
  id: 3,
  name: 'API keys, tickets, revocations',
  statements: [
    // The key itself is nowhere: only its SHA-256, and its first characters for people.
    `create table api_keys (
      id ${key} primary key,
      app ${key} not null references apps (id),
      prefix ${key} not null,
      hash ${key} not null unique,
      created_at text not null,
      expires_at text,
      revoked_at text,
      grace_until text,
      last_used_at text)`,
    `create index api_keys_of_app on api_keys (app, created_at, id)`,
    // By the SHA-256 of the ticket, with what it stands for.
    `create table tickets (
      id ${key} primary key,
      app ${key} not null references apps (id),
      sub ${key} not null,
      kind ${key} not null,
      origin ${key},
      holder text not null,
      created_at text not null,
      expires_at text not null)`,
    `create index tickets_of_user on tickets (app, sub, created_at, id)`,
    `create index tickets_by_end on tickets (expires_at)`,
    // Tokens of the user that were issued before are worth nothing; revision: what a process has not read yet.
    `create table revocations (
      app ${key} not null references apps (id),
      sub ${key} not null,
      at text not null,
      revision bigint not null,
      primary key (app, sub))`,
    `create index revocations_by_time on revocations (app, at, sub)`,
    `create index revocations_by_revision on revocations (revision)`,
  ],
})
