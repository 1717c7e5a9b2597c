export { openEmbedded, type EmbeddedOptions } from './embedded.ts'
export type { Database, Insert, Procedures, Sql, Store, Value } from './contract.ts'
