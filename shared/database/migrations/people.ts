import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export const people = ({}: Dialect): Migration => ({
  id: 9,
  name: 'unmapped users',
  statements: [],
})
