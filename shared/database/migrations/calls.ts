import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Lists of calls in the order in which they began: an app's, a number's, an agent's. */
export const calls = ({ key, clustered }: Dialect): Migration => ({
  id: 6,
  name: 'calls by what is asked of them',
  statements: [
    // kind: provider and direction. What is asked for is always a piece of the key, read backwards.
    `create table call_lists (
      app ${key} not null,
      list ${key} not null,
      kind ${key} not null,
      started_at ${key} not null,
      first_seq bigint not null,
      primary key (app, list, kind, started_at, first_seq))${clustered}`,
    // Of apps with calls of before there were lists: up to which id they are listed; null: all are.
    `create table calls_listed (
      app ${key} primary key,
      after ${key})`,
    // A call begins with an event of its own, so lists know it by that.
    `create index calls_by_number on calls (app, first_seq)`,
  ],
})
