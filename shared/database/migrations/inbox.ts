import type { Migration } from '../migrate.ts'
import type { Dialect } from './dialect.ts'

export const inbox = ({}: Dialect): Migration => ({
  id: 8,
  name: 'heard voicemails',
  statements: [],
})
