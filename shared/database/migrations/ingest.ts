import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** What webhook-ingest keeps besides the journal, and calls that go by several ids. */
export const ingest = (dialect: Dialect): Migration => ({
  id: 2,
  name: 'aliases, voicemails, credentials, connections, audit',
  statements: [...ofTheJournal(dialect), ...ofTheIngest(dialect)],
})

const ofTheJournal = ({ bytes, key }: Dialect): string[] => [
  // What the delivery meant: a second one with its key and another meaning is a conflict.
  `alter table deliveries add column digest ${bytes}`,
  `create index deliveries_kept on deliveries (app, received_at, id) where length(sealed) > 0`,
  `create index deliveries_unusual on deliveries (app, received_at, id)
      where verdict <> 'accepted'`,
  `create index deliveries_purged on deliveries (app, received_at, id) where length(sealed) = 0`,
  // Raised when records change without an event: what processes remember of the app is worth nothing then.
  `alter table counters add column revision bigint not null default 0`,
  // Other ids of a call, and the ids of calls that turned out to be parts of another one.
  `create table call_aliases (
      app ${key} not null,
      alias ${key} not null,
      call ${key} not null,
      primary key (app, alias))`,
  `create index aliases_of_call on call_aliases (app, call)`,
  `alter table calls add column touched_at text`,
  // Who may have left a voicemail: the other party of a missed call, and when it ended.
  `alter table calls add column missed_from ${key}`,
  `alter table calls add column missed_to ${key}`,
  `alter table calls add column missed_at text`,
  `create index calls_missed on calls (app, missed_from, missed_at) where missed_from is not null`,
  `create table voicemails (
      app ${key} not null,
      id ${key} not null,
      call ${key},
      first_seq bigint not null,
      from_number ${key},
      to_number ${key},
      received_at text,
      state text not null,
      primary key (app, id))`,
  `create index voicemails_of_call on voicemails (app, call)`,
  // Those whose call is not told, but may be guessed: by whom, to whom, and when.
  `create index voicemails_to_link on voicemails (app, from_number, received_at)
      where from_number is not null`,
]

const ofTheIngest = ({ bytes, key }: Dialect): string[] => [
  `create table provider_credentials (
      app ${key} not null references apps (id),
      provider ${key} not null,
      sealed ${bytes} not null,
      updated_at text not null,
      primary key (app, provider))`,
  // Who holds the lease may spend the tokens and write; attempts and retry_at are of what is still to be done.
  `create table connections (
      app ${key} not null references apps (id),
      provider ${key} not null,
      status text not null,
      reason text,
      expires_at text,
      connected_at text,
      webhook_id ${key},
      subscription_id ${key},
      attempts bigint not null,
      retry_at text,
      lease ${key},
      lease_until text,
      sealed ${bytes} not null,
      updated_at text not null,
      primary key (app, provider))`,
  // One-use links and the states of consents under way, by the hash of their secret.
  `create table consents (
      id ${key} primary key,
      app ${key} not null references apps (id),
      provider ${key} not null,
      kind text not null,
      sealed ${bytes},
      expires_at text not null)`,
  `create table audit (
      id ${key} primary key,
      app ${key},
      at text not null,
      action text not null,
      actor text not null,
      ip text,
      target text,
      detail text not null)`,
  `create index audit_of_app on audit (app, at)`,
  `create index audit_by_time on audit (at)`,
  // Raised with every change of what processes hold in memory; they look at it once a second.
  `create table revisions (
      name ${key} primary key,
      value bigint not null)`,
]
