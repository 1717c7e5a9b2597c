import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Voicemails as people look for them: newest first, unheard, of somebody. */
export const inbox = ({ key, clustered }: Dialect): Migration => ({
  id: 8,
  name: 'heard voicemails',
  statements: [
    // Empty: it is of before there were lists, and comes into them.
    `alter table voicemails add column left_at ${key} not null default ''`,
    `alter table voicemails add column heard integer not null default 0`,
    `create index voicemails_by_time on voicemails (app, left_at, id)`,
    `drop index voicemails_of_call`,
    `create index voicemails_of_call on voicemails (app, call, left_at, id)`,
    `create index voicemails_by_heard on voicemails (app, heard, left_at, id)`,
    // Who called whom, and for whom it was: each under every name that somebody may look for.
    `create table voicemail_parties (
      app ${key} not null,
      party ${key} not null,
      heard integer not null,
      left_at ${key} not null,
      voicemail ${key} not null,
      primary key (app, party, heard, left_at, voicemail))${clustered}`,
    `create index parties_of_voicemail on voicemail_parties (app, voicemail)`,
  ],
})
