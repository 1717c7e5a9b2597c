export { memoryBus } from './memory.ts'
export type { Bus, Listener } from './contract.ts'
