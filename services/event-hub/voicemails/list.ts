import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { cursorOf, defaultLimit, placeIn, timeIn } from '../../paging.ts'
import { orUnavailable } from '../../within.ts'
import { isNamed, ownersOf } from '../calls/owners.ts'
import { formsOf } from '../calls/query.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { VoicemailFilter, VoicemailPosition, Voicemails } from '@switchhook/shared/journal'
import type { Mappings } from '@switchhook/shared/mappings'
import type { VoicemailRecord } from '@switchhook/shared/projections'
import type { FastifyInstance } from 'fastify'
import type { Filter } from './schema.ts'

/** What a list is made of. */
export interface Sources {
  readonly voicemails: Voicemails
  readonly mappings: Mappings
  readonly journal: Pick<FastifyInstance['journal'], 'resolveCall'>
}

export interface Listed {
  readonly records: readonly VoicemailRecord[]
  readonly next: string | null
}

/** So often the store is asked for a page of which some are left out; then it is shorter, and has a next one. */
const maxReads = 5
const cursors = Compile(
  Type.Tuple([Type.String({ pattern: '^[ -~]{0,40}$' }), Type.String({ format: 'uuid' })]),
)

/** A page of what somebody may see. @throws CodedError `invalid_parameter` */
export async function listFor(
  principal: Principal,
  query: Filter,
  sources: Sources,
): Promise<Listed> {
  const { limit = defaultLimit } = query
  const filter = await filterOf(principal, query, sources)
  const isMeant = judgeOf(principal, query, sources.mappings)
  const records: VoicemailRecord[] = []
  const place = placeIn(query.cursor, cursors)
  let after = place ? { receivedAt: place[0], id: place[1] } : undefined
  for (let reads = 0; reads < maxReads; reads += 1) {
    // One more tells whether there is another page.
    const asked = { ...filter, after, limit: limit + 1 }
    const found = await orUnavailable(sources.voicemails.list(asked))
    for (const record of found) {
      if (records.length === limit) return { records, next: nextOf(after!) }
      if (isMeant(record)) records.push(record)
      after = { receivedAt: record.received_at, id: record.id }
    }
    if (found.length <= limit) return { records, next: null }
  }
  return { records, next: nextOf(after!) }
}

async function filterOf(
  { app, role, sub }: Principal,
  query: Filter,
  { journal }: Sources,
): Promise<Omit<VoicemailFilter, 'limit'>> {
  const { heard, number, agent, call } = query
  return {
    app,
    agent,
    heard,
    numbers: number === undefined ? undefined : formsOf(number),
    call: call === undefined ? undefined : ((await journal.resolveCall(app, call)) ?? call),
    from: timeIn(query.from, 'from') ?? undefined,
    to: timeIn(query.to, 'to') ?? undefined,
    user: role === 'supervisor' ? undefined : sub,
  }
}

/** Names and numbers find some that are somebody else's after all. */
function judgeOf(
  { app, role, sub }: Principal,
  { agent }: Filter,
  mappings: Mappings,
): (record: VoicemailRecord) => boolean {
  return (record) => {
    if (role === 'supervisor' && agent === undefined) return true
    const owners = ownersOf(mappings, app, record)
    if (role === 'agent' && !owners.includes(sub)) return false
    return agent === undefined || owners.includes(agent) || isNamed(record, agent)
  }
}

function nextOf({ receivedAt, id }: VoicemailPosition): string {
  return cursorOf([receivedAt, id])
}
