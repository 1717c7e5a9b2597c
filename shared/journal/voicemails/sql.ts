export { listOld } from './old.ts'
export { get, list, ofCall } from './read.ts'
