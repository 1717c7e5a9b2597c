import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export const apps = ({}: Dialect): Migration => ({
  id: 7,
  name: 'apps',
  statements: [],
})
