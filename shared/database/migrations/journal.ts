import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** The journal: apps, what came, what it means, and the calls that adds up to. */
export const journal = ({ bytes, key, references }: Dialect): Migration => ({
  id: 1,
  name: 'apps, deliveries, events, calls',
  statements: [
    `create table apps (
          id ${key} primary key,
          name text not null,
          active integer not null,
          created_at text not null)`,
    // One row: the epoch changes only when the journal itself is replaced.
    `create table journal (
          one integer primary key check (one = 1),
          epoch text not null)`,
    // One row per app, raised in the transaction that appends: gapless, and its row lock serialises writers.
    `create table counters (
          app ${key} primary key references apps (id),
          seq bigint not null)`,
    `create table deliveries (
          id ${key} primary key,
          app ${key} not null${references('apps (id)')},
          provider ${key} not null,
          dedupe_key ${key} not null,
          verdict text not null,
          reason text,
          received_at text not null,
          sealed ${bytes} not null,
          unique (app, provider, dedupe_key))`,
    `create table events (
          app ${key} not null,
          seq bigint not null,
          id ${key} not null,
          type text not null,
          time text not null,
          call ${key},
          late integer not null,
          delivery ${key} not null${references('deliveries (id)')},
          data text not null,
          primary key (app, seq),
          unique (app, id))`,
    `create index events_of_call on events (app, call, seq)`,
    `create table calls (
          app ${key} not null,
          id ${key} not null,
          live integer not null,
          first_seq bigint not null,
          state text not null,
          primary key (app, id))`,
    `create index calls_live on calls (app, first_seq) where live = 1`,
  ],
})
