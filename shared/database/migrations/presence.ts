import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Who is there, and who has got what of a call: rows that live as long as a shift or a ringing. */
export const presence = ({ key }: Dialect): Migration => ({
  id: 4,
  name: 'presence, claims',
  statements: [
    // Hubs; one whose seen_at does not move any more was killed, one with left_at was stopped.
    `create table nodes (
      id ${key} primary key,
      seen_at text not null,
      left_at text)`,
    // What is known of an agent, whoever of the hubs was told; revision: what a hub has not read yet.
    `create table presence (
      app ${key} not null,
      agent ${key} not null,
      name text not null,
      state text not null,
      note text,
      since text not null,
      sip text,
      provider text,
      seen bigint,
      changed_at text not null,
      revision bigint not null,
      primary key (app, agent))`,
    `create index presence_by_revision on presence (revision, app, agent)`,
    `create index presence_by_time on presence (changed_at)`,
    // Each hub counts its own: of a hub that is gone, nothing counts.
    `create table presence_sockets (
      app ${key} not null,
      agent ${key} not null,
      node ${key} not null,
      sockets bigint not null,
      changed_at text not null,
      revision bigint not null,
      primary key (app, agent, node))`,
    `create index presence_sockets_by_revision on presence_sockets (revision, app, agent, node)`,
    `create index presence_sockets_of_node on presence_sockets (node, sockets, changed_at)`,
    `create table claims (
      app ${key} not null,
      call ${key} not null,
      action ${key} not null,
      holder ${key} not null,
      expires_at text not null,
      primary key (app, call, action))`,
    `create index claims_by_end on claims (expires_at)`,
  ],
})
