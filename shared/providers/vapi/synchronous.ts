import type { Delivery } from '../contract.ts'
import { parseJson } from '../parse-json.ts'
import { fieldsOf } from '../untrusted.ts'

/** Types of message that Vapi waits for a JSON answer to; the call stands still meanwhile, for 7.5 s at most. */
export const synchronousTypes = [
  'assistant-request',
  'call.endpointing.request',
  'handoff-destination-request',
  'knowledge-base-request',
  'tool-calls',
  'transfer-destination-request',
  'voice-request',
] as const

export type SynchronousType = (typeof synchronousTypes)[number]

/** Which of them a delivery is; null if it is none. Never throws. */
export function synchronousTypeOf({ body }: Delivery): SynchronousType | null {
  try {
    const message = fieldsOf(fieldsOf(parseJson(body))?.message)
    return synchronousTypes.find((type) => type === message?.type) ?? null
  } catch {
    return null
  }
}

/** Whether a delivery is one of them. */
export function awaitsAnswer(delivery: Delivery): boolean {
  return synchronousTypeOf(delivery) !== null
}
