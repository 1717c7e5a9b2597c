import { randomUUID } from 'node:crypto'
import { tellCall } from '../cxml/sample-call.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

/** One whole call as cXML callbacks tell it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  return tellCall({ account: randomUUID(), call: randomUUID(), recording: randomUUID() }, options)
}
