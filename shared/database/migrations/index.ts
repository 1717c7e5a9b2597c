import type { Migration } from '../migrate.ts'

/** `bytes` is the engine's name of the type for octets: `blob` on SQLite, `bytea` on PostgreSQL. */
export function migrations({ bytes }: { bytes: 'blob' | 'bytea' }): Migration[] {
  return [
    {
      id: 1,
      name: 'apps, deliveries, events, calls',
      statements: [
        `create table apps (
          id text primary key,
          name text not null,
          active integer not null,
          created_at text not null)`,
        // One row: the epoch changes only when the journal itself is replaced.
        `create table journal (
          one integer primary key check (one = 1),
          epoch text not null)`,
        // One row per app, raised in the transaction that appends: gapless, and its row lock serialises writers.
        `create table counters (
          app text primary key references apps (id),
          seq bigint not null)`,
        `create table deliveries (
          id text primary key,
          app text not null references apps (id),
          provider text not null,
          dedupe_key text not null,
          verdict text not null,
          reason text,
          received_at text not null,
          sealed ${bytes} not null,
          unique (app, provider, dedupe_key))`,
        `create table events (
          app text not null,
          seq bigint not null,
          id text not null,
          type text not null,
          time text not null,
          call text,
          late integer not null,
          delivery text not null references deliveries (id),
          data text not null,
          primary key (app, seq),
          unique (app, id))`,
        `create index events_of_call on events (app, call, seq)`,
        `create table calls (
          app text not null,
          id text not null,
          live integer not null,
          first_seq bigint not null,
          state text not null,
          primary key (app, id))`,
        `create index calls_live on calls (app, first_seq) where live = 1`,
      ],
    },
  ]
}
