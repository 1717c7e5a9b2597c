import { providerOf } from '@switchhook/shared/events'
import { wordsOf } from '@switchhook/shared/journal'
import { queueOf } from '@switchhook/shared/projections'
import { agentChannel } from '@switchhook/shared/protocol'
import type { Agent, EventData } from '@switchhook/shared/events'
import type { JournalRow } from '@switchhook/shared/journal'
import type { Mapped, Mappings } from '@switchhook/shared/mappings'
import type { CallRecord } from '@switchhook/shared/projections'

/** What is known of a call that decides whose it is. */
interface Party {
  provider: string
  /** Whom the provider named last. */
  agent: Agent | null
  /** Every address the call was made from or to. */
  readonly addresses: Set<string>
  queue: string | null
  owners: readonly string[]
}

/** A call that is other people's now. */
export interface Move {
  readonly call: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** Where an event is shown, and what else follows from it. */
export interface Placed {
  readonly data: EventData
  readonly channels: readonly string[]
  /** The calls that changed hands. */
  readonly moves: readonly Move[]
}

/** Calls that are remembered; of older ones an event belongs to whom it names itself. */
const maxCalls = 20_000
const maxAddresses = 16

/**
 * Knows whose an app's calls are: of the agent the provider names, if that one is mapped; otherwise of the users whose
 * numbers or SIP users took part.
 */
export class Parties {
  readonly #app: string
  readonly #mappings: Mappings
  /** The one that was heard of longest ago comes first. */
  readonly #calls = new Map<string, Party>()

  constructor(app: string, mappings: Mappings) {
    this.#app = app
    this.#mappings = mappings
  }

  /** Learns a call from its record, which may be older than what was told of it meanwhile. */
  learn({ id, provider, agent, from, to }: CallRecord): void {
    const party = this.#calls.get(id) ?? newParty(provider)
    party.agent ??= agent
    note(party, from, to)
    party.owners = this.#ownersOf(party)
    this.#remember(id, party)
  }

  /** Takes in the next event. */
  place(row: JournalRow): Placed {
    const data = JSON.parse(row.data) as EventData
    const channels = ['calls', ...channelsOfType(row.type)]
    if (row.call === null) {
      const party = { ...newParty(providerOf(row)), agent: data.agent }
      note(party, data.from, data.to)
      return { data, channels: [...channels, ...this.#ownersOf(party)], moves: [] }
    }
    const known = this.#calls.get(row.call)
    const party = known ?? newParty(providerOf(row))
    // Somebody else may have spoken of the call before its provider did.
    if (data.call) party.provider = data.call.provider
    const merged = data.call?.merged ?? []
    const moves = merged.flatMap((id) => this.#absorb(party, id))
    if (data.agent) party.agent = data.agent
    note(party, data.from, data.to)
    party.queue = queueOf(data.details) ?? party.queue
    const before = party.owners
    party.owners = this.#ownersOf(party)
    this.#remember(row.call, party)
    channels.push(`call:${row.call}`, ...merged.map((id) => `call:${id}`))
    return {
      data,
      channels: [...channels, ...party.owners],
      moves: known === undefined ? moves : [...moves, ...moved(row.call, before, party.owners)],
    }
  }

  /** The channels that show a call. */
  channelsOf({ id, provider, agent, from, to }: CallRecord): readonly string[] {
    const known = this.#calls.get(id)
    const party = newParty(provider)
    party.agent = agent
    note(party, from, to)
    return ['calls', `call:${id}`, ...(known?.owners ?? this.#ownersOf(party))]
  }

  /** Whether a call is remembered, and in one of the channels. */
  isOwn(call: string, channels: readonly string[]): boolean {
    return this.#calls.get(call)?.owners.some((owner) => channels.includes(owner)) ?? false
  }

  /** Asks anew who is who. @returns whether any call changed hands */
  remap(): boolean {
    let any = false
    for (const party of this.#calls.values()) {
      const owners = this.#ownersOf(party)
      any ||= !same(owners, party.owners)
      party.owners = owners
    }
    return any
  }

  /** Channels of the users, the teams and the queue a call belongs to, sorted. */
  #ownersOf({ provider, agent, addresses, queue }: Party): readonly string[] {
    const named = agent && this.#agentOf(provider, agent)
    const users = named ? [named] : [...addresses].flatMap((address) => this.#byAddress(address))
    const channels = users.flatMap(({ sub, team }) => [
      'agent:*',
      agentChannel(sub),
      ...(team === null ? [] : [`team:${team}`]),
    ])
    if (queue !== null) channels.push(`queue:${queue}`)
    return channels.length === 0 ? none : [...new Set(channels)].toSorted()
  }

  #agentOf(provider: string, { id, email }: Agent): Mapped | undefined {
    for (const value of [id, email]) {
      if (value === null) continue
      const user = this.#mappings.of(this.#app, { kind: 'provider_user', provider, value })
      if (user) return user
    }
    return undefined
  }

  #byAddress(address: string): Mapped[] {
    const number = this.#mappings.of(this.#app, {
      kind: 'phone_number',
      provider: null,
      value: address,
    })
    if (number) return [number]
    // The first word is the address itself.
    return wordsOf(address)
      .slice(1)
      .flatMap((value) => {
        const user = this.#mappings.of(this.#app, { kind: 'sip_user', provider: null, value })
        return user ? [user] : []
      })
  }

  /** @returns that the other call is nobody's any more */
  #absorb(party: Party, id: string): Move[] {
    const other = this.#calls.get(id)
    if (!other) return []
    party.agent ??= other.agent
    note(party, ...other.addresses)
    this.#calls.delete(id)
    return moved(id, other.owners, none)
  }

  #remember(id: string, party: Party): void {
    this.#calls.delete(id)
    this.#calls.set(id, party)
    if (this.#calls.size <= maxCalls) return
    const [oldest] = this.#calls.keys()
    this.#calls.delete(oldest!)
  }
}

const none: readonly string[] = []

function newParty(provider: string): Party {
  return { provider, agent: null, addresses: new Set(), queue: null, owners: none }
}

function note(party: Party, ...addresses: (string | null)[]): void {
  for (const address of addresses) {
    if (address !== null && party.addresses.size < maxAddresses) party.addresses.add(address)
  }
}

/** The channels that every event of a type is shown in, whosever it is. */
export function channelsOfType(type: string): string[] {
  if (type.startsWith('voicemail.')) return ['voicemail']
  return type === 'provider.event' ? ['ops'] : []
}

/** The channels of an event that follow from itself alone, whosever its call is. */
export function ownChannels({ type, call }: JournalRow): readonly string[] {
  return ['calls', ...channelsOfType(type), ...(call === null ? [] : [`call:${call}`])]
}

function moved(call: string, before: readonly string[], after: readonly string[]): Move[] {
  return same(before, after) ? [] : [{ call, before, after }]
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, index) => entry === other[index])
}
