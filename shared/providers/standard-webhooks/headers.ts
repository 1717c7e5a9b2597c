import type { Delivery } from '../contract.ts'

/** What the three headers of a delivery are called. */
export interface HeaderNames {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
}

/** The names of the specification, § Webhook headers. */
export const standardNames = namesWith('webhook')
/** The scheme began as Svix's, and some senders still use the names it had there. */
const svixNames = namesWith('svix')

/** The names a delivery goes by: those of one set, so that nothing unsigned can stand beside what is signed. */
export function namesIn(headers: Delivery['headers']): HeaderNames {
  const isSvix =
    headers[standardNames.signature] === undefined && headers[svixNames.signature] !== undefined
  return isSvix ? svixNames : standardNames
}

function namesWith(prefix: string): HeaderNames {
  return {
    id: `${prefix}-id`,
    timestamp: `${prefix}-timestamp`,
    signature: `${prefix}-signature`,
  }
}
