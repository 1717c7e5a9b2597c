export { openResealing, type Resealing, type SealedTable, type Sweep } from './resealing.ts'
export { createSealing, type Sealing } from './seal.ts'
