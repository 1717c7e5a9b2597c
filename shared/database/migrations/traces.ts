import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Whose SIP is written down for a while, and what was. */
export const traces = ({ bytes, key }: Dialect): Migration => ({
  id: 11,
  name: 'sip traces',
  statements: [
    // ends_at: when it will end, or did, by the clock, by somebody, or for it was full.
    `create table sip_traces (
      app ${key} not null references apps (id),
      id ${key} not null,
      aor ${key} not null,
      actor text not null,
      started_at ${key} not null,
      ends_at ${key} not null,
      is_full integer not null,
      messages bigint not null,
      bytes bigint not null,
      dropped bigint not null,
      primary key (app, id))`,
    `create index sip_traces_by_end on sip_traces (ends_at, app, id)`,
    // A Call-ID that was written down, by the trace that wrote of it last.
    `create table sip_calls (
      app ${key} not null,
      call ${key} not null,
      trace ${key} not null,
      method text not null,
      from_aor text not null,
      to_aor text not null,
      upstream text not null,
      started_at ${key} not null,
      last_at text not null,
      messages bigint not null,
      primary key (app, call))`,
    `create index sip_calls_by_time on sip_calls (app, started_at, call)`,
    `create index sip_calls_of_trace on sip_calls (app, trace)`,
    // at: Unix microseconds; two of one process never have the same.
    `create table sip_messages (
      app ${key} not null,
      call ${key} not null,
      at bigint not null,
      node ${key} not null,
      trace ${key} not null,
      sealed ${bytes} not null,
      primary key (app, call, at, node))`,
    `create index sip_messages_of_trace on sip_messages (app, trace)`,
  ],
})
