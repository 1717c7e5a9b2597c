import type { Refusal } from './link/close.ts'

/** Where a connection stands. `live` is said only after the hub confirmed that nothing is missing. */
export type ConnectionState =
  | { readonly name: 'connecting' }
  /** `count`: how many numbers are missing; null while the live calls are being loaded. */
  | { readonly name: 'catching-up'; readonly count: number | null }
  | { readonly name: 'live' }
  | { readonly name: 'reconnecting'; readonly inMs: number; readonly why: string }
  | ({ readonly name: 'refused' } & Refusal)
  | { readonly name: 'closed' }
