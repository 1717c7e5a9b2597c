import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

/** Who is registered where, as sip-proxies saw it. */
export const registrations = (_dialect: Dialect): Migration => ({
  id: 10,
  name: 'registrations',
  statements: [],
})
