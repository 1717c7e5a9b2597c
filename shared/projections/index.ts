export * from './call.ts'
export * from './record.ts'
