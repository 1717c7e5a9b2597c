import { maxGroups } from '../calls/walk.ts'
import { listOfAddress, listOfAgent } from '../calls/lists.ts'
import { columns } from './rows.ts'
import type { Sql, Value } from '../../database/index.ts'
import type { VoicemailFilter } from './contract.ts'

/** A question with the values of its parameters, of which `$1` is the app. */
interface Select {
  readonly text: string
  readonly values: readonly Value[]
}

/** Names and numbers: a voicemail is of one, at least, of each of these. */
export type Parties = readonly (readonly string[])[]

/** By whom voicemails are asked for. */
export async function askedFor(
  sql: Sql,
  { app, numbers, agent, user }: VoicemailFilter,
): Promise<Parties> {
  const parties: (readonly string[])[] = []
  if (user !== undefined) parties.push(await mappedTo(sql, app, user))
  if (numbers) parties.push(numbers.map(listOfAddress))
  if (agent !== undefined) parties.push([listOfAgent(agent), ...(await mappedTo(sql, app, agent))])
  return parties
}

/** The names and numbers that were mapped to a user last; a mapping has its value as the parties are written. */
async function mappedTo(sql: Sql, app: string, sub: string): Promise<string[]> {
  const rows = await sql.query<{ kind: string; value: string }>(
    `select kind, value from user_mappings where app = $1 and sub = $2
     order by created_at desc, id desc limit $3`,
    app,
    sub,
    maxGroups,
  )
  return rows.map(({ kind, value }) => `${kind === 'provider_user' ? 'a' : 'n'}:${value}`)
}

/** Of voicemails that are of a party, or of all, those that are of other parties too. */
export interface Within {
  readonly party: string | null
  readonly heard: boolean | undefined
  readonly others: Parties
}

/** Which voicemails a filter lets through, in the order of an index: that of their party, or of all. */
export function selectOf(
  sql: Sql,
  filter: VoicemailFilter,
  { party, heard, others }: Within,
): Select {
  const { app, from, to, call, after, limit } = filter
  const values: Value[] = [app]
  const given = (value: Value): string => `$${values.push(value)}`
  const [of, id] = party === null ? ['v', 'v.id'] : ['p', 'p.voicemail']
  const at = `${of}.left_at`
  // Those that do not say when they were left are in no list yet.
  const conditions = ['v.app = $1', `${at} > ''`]
  if (party !== null) {
    conditions.push(`p.app = $1 and p.voicemail = v.id and p.party = ${given(party)}`)
  }
  if (from !== undefined) conditions.push(`${at} >= ${given(from)}`)
  if (to !== undefined) conditions.push(`${at} < ${given(to)}`)
  if (after) conditions.push(`(${at}, ${id}) < (${given(after.receivedAt)}, ${given(after.id)})`)
  if (heard !== undefined) conditions.push(`${of}.heard = ${given(heard ? 1 : 0)}`)
  if (call !== undefined) conditions.push(`call = ${given(call)}`)
  for (const some of others) {
    const among = sql.among(given(JSON.stringify(some)))
    conditions.push(`exists (select 1 from voicemail_parties o where o.app = $1
      and o.party ${among} and o.heard = ${of}.heard and o.left_at = ${at} and o.voicemail = ${id})`)
  }
  // An embedded store joins in the order in which it is written.
  const tables = party === null ? 'voicemails v' : 'voicemail_parties p cross join voicemails v'
  const text = `select ${columns}, ${at} as left_at from ${tables} where ${conditions.join(' and ')}
    order by ${at} desc, ${id} desc limit ${given(limit)}`
  return { text, values }
}
