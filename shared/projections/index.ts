export * from './call.ts'
export * from './record.ts'
export * from './voicemail.ts'
