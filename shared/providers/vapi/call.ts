import { addressOf, present } from '../call-fields.ts'
import { fieldsOf, idText, type Fields } from '../untrusted.ts'
import type { CallEvent, Direction } from '../../events/index.ts'

/** What a message says about the call it is of. */
export type Call = Pick<
  CallEvent,
  'callId' | 'providerIds' | 'joins' | 'legId' | 'direction' | 'from' | 'to'
>

const directions: ReadonlyMap<unknown, Direction> = new Map([
  ['inboundPhoneCall', 'inbound'],
  ['outboundPhoneCall', 'outbound'],
])
/** Carriers whose own id of the call Vapi passes on: they may tell of the same call. */
const carriers = new Set<unknown>(['telnyx', 'twilio', 'vonage'])

/** The call of a message: one leg, named by Vapi and by the carrier. Calls from the web have no numbers. */
export function callOf(message: Fields): Call {
  const call = fieldsOf(message.call) ?? {}
  const callId = idText(call.id)
  const carrierId = idText(call.phoneCallProviderId)
  const isJoined = carriers.has(call.phoneCallProvider) && carrierId !== callId
  const direction = directions.get(call.type) ?? null
  const customer = partyOf(message.customer) ?? partyOf(call.customer)
  const ours = partyOf(message.phoneNumber) ?? partyOf(call.phoneNumber)
  const [from, to] = direction === 'outbound' ? [ours, customer] : [customer, ours]
  return {
    callId,
    providerIds: present([
      ['id', callId],
      ['phoneCallProviderId', carrierId],
    ]),
    joins: isJoined && carrierId !== null ? [carrierId] : [],
    legId: callId,
    direction,
    from,
    to,
  }
}

function partyOf(value: unknown): string | null {
  const party = fieldsOf(value)
  return addressOf(party?.number) ?? addressOf(party?.sipUri)
}
