import {
  listOfAddress,
  listOfAgent,
  maxGroups,
  wordsOf,
  type Group,
} from '@switchhook/shared/journal'
import type { Mapped, Mappings } from '@switchhook/shared/mappings'
import type { CallRecord } from '@switchhook/shared/projections'

/** What tells whose something is. */
type Owned = Pick<CallRecord, 'provider' | 'agent' | 'from' | 'to'>

/**
 * The users whose call it is: of the agent the provider names, if that one is mapped; otherwise those whose numbers or
 * SIP users took part.
 */
export function ownersOf(mappings: Mappings, app: string, call: Owned): readonly string[] {
  const { provider, agent, from, to } = call
  for (const value of [agent?.id, agent?.email]) {
    if (typeof value !== 'string') continue
    const named = mappings.of(app, { kind: 'provider_user', provider, value })
    if (named) return [named.sub]
  }
  const addresses = [from, to].filter((address) => address !== null)
  return addresses.flatMap((address) => ofAddress(mappings, app, address).map(({ sub }) => sub))
}

/** Whether its agent goes by the name at the provider. */
export function isNamed({ agent }: Pick<Owned, 'agent'>, name: string): boolean {
  return [agent?.id, agent?.email].some((one) => one && listOfAgent(one) === listOfAgent(name))
}

function ofAddress(mappings: Mappings, app: string, address: string): Mapped[] {
  const number = mappings.of(app, { kind: 'phone_number', provider: null, value: address })
  if (number) return [number]
  return wordsOf(address).flatMap((value) => {
    return mappings.of(app, { kind: 'sip_user', provider: null, value }) ?? []
  })
}

/** Where the calls of a user may be, and some of others: by the fifty names and numbers it was mapped to last. */
export async function groupsOf(mappings: Mappings, app: string, sub: string): Promise<Group[]> {
  const own = await mappings.list(app, { sub, limit: maxGroups })
  return own.map(({ kind, provider, value }) =>
    kind === 'provider_user'
      ? { list: listOfAgent(value), provider }
      : { list: listOfAddress(value), provider: null },
  )
}
