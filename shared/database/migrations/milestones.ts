import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** How far the logs went at a time, so that what happened later is not looked for before. */
export const milestones = ({ key }: Dialect): Migration => ({
  id: 12,
  name: 'milestones of the log',
  statements: [
    // By `at` everything up to `seq` was committed.
    `create table milestones (
      app ${key} not null,
      at ${key} not null,
      seq bigint not null,
      primary key (app, at))`,
  ],
})
