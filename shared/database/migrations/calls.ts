import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export const calls = ({}: Dialect): Migration => ({
  id: 6,
  name: 'calls by what is asked of them',
  statements: [],
})
