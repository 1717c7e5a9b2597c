import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Whose SIP is written down for a while, and what was. */
export const traces = (_dialect: Dialect): Migration => ({
  id: 11,
  name: 'sip traces',
  statements: [],
})
