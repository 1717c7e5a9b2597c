import { Type, type Static } from 'typebox'
import { listOfAddress, listOfAgent, wordsOf, type Group } from '@switchhook/shared/journal'
import { Direction } from '@switchhook/shared/messages'
import { providers } from '@switchhook/shared/providers'
import { Paging, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'
import { groupsOf, isNamed, ownersOf } from './owners.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Mappings } from '@switchhook/shared/mappings'
import type { CallRecord } from '@switchhook/shared/projections'

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, ...plainText, description })

const moment = (description: string) => Type.String({ format: 'date-time', description })

/** What calls are asked for by. */
export const CallsQuery = Query({
  state: Type.Optional(
    Type.Enum(['live', 'ended'], { description: 'Those that go on, or those that are over.' }),
  ),
  from: Type.Optional(moment('Began then or later; RFC 3339.')),
  to: Type.Optional(moment('Began before; RFC 3339.')),
  number: Type.Optional(
    text(
      'A number or address of either side: E.164 with or without +, or a SIP address or its user.',
    ),
  ),
  agent: Type.Optional(
    text("An agent's id or e-mail address as the provider has it, or the `sub` of a user."),
  ),
  provider: Type.Optional(
    Type.Enum(
      providers.map(({ name }) => name),
      { description: 'Who told of it.' },
    ),
  ),
  direction: Type.Optional(Direction),
  ...Paging,
})
export type CallsQuery = Static<typeof CallsQuery>

/** What a query asks for: lists to look in, and a last word on each call that is found there. */
export interface Asked {
  readonly groups: readonly (readonly Group[])[]
  accepts(call: CallRecord): boolean
}

interface Asking {
  readonly mappings: Mappings
  readonly principal: Principal
}

/** A query in the words of the journal; an agent asks for its own calls, whatever else it asks. */
export async function askedFor(
  { number, agent }: CallsQuery,
  { mappings, principal: { app, role, sub } }: Asking,
): Promise<Asked> {
  const isOwn = (call: CallRecord, user: string): boolean =>
    ownersOf(mappings, app, call).includes(user)
  const groups: Group[][] = []
  if (number !== undefined) groups.push(formsOf(number).map((form) => inList(listOfAddress(form))))
  if (agent !== undefined) {
    groups.push([inList(listOfAgent(agent)), ...(await groupsOf(mappings, app, agent))])
  }
  if (role === 'agent') groups.push(await groupsOf(mappings, app, sub))
  const accepts = (call: CallRecord): boolean =>
    (role !== 'agent' || isOwn(call, sub)) &&
    (agent === undefined || isNamed(call, agent) || isOwn(call, agent))
  return { groups, accepts }
}

function inList(list: string): Group {
  return { list, provider: null }
}

/**
 * In a query `+` is a space, unless it is spelt %2B; people write numbers with spaces and brackets. A SIP address is
 * meant without its scheme and parameters.
 */
export function formsOf(number: string): string[] {
  const digits = number.replaceAll(/[\s().-]/g, '')
  if (!/^\+?\d+$/.test(digits)) return [...new Set(wordsOf(number).slice(0, 2))]
  return digits.startsWith('+') ? [digits] : [digits, `+${digits}`]
}
