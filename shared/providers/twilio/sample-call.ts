import { randomBytes } from 'node:crypto'
import { tellCall } from '../cxml/sample-call.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

/** One whole call as Twilio's callbacks tell it, with fresh SIDs at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  return tellCall({ account: sid('AC'), call: sid('CA'), recording: sid('RE') }, options)
}

function sid(kind: string): string {
  return `${kind}${randomBytes(16).toString('hex')}`
}
