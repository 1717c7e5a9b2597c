import { listOfAddress, listOfAgent } from '../calls/lists.ts'
import type { Database, Value } from '../../database/index.ts'
import type { VoicemailFilter } from './contract.ts'

/** Conditions with the values of their parameters, of which `$1` is the app. */
export interface Where {
  readonly text: string
  readonly values: readonly Value[]
}

/** Which voicemails a filter lets through. */
export function whereOf(db: Database, filter: VoicemailFilter): Where {
  const { app, heard, from, to, call, after } = filter
  const values: Value[] = [app]
  const given = (value: Value): string => `$${values.push(value)}`
  // Those that do not say when they were left are in no list yet.
  const conditions = ['app = $1', "left_at > ''"]
  if (heard !== undefined) conditions.push(`heard = ${given(heard ? 1 : 0)}`)
  if (from !== undefined) conditions.push(`left_at >= ${given(from)}`)
  if (to !== undefined) conditions.push(`left_at < ${given(to)}`)
  if (call !== undefined) conditions.push(`call = ${given(call)}`)
  conditions.push(...partiesIn(db, filter, given))
  if (after) conditions.push(`(left_at, id) < (${given(after.receivedAt)}, ${given(after.id)})`)
  return { text: conditions.join(' and '), values }
}

function partiesIn(
  db: Database,
  { numbers, agent, user }: VoicemailFilter,
  given: (value: Value) => string,
): string[] {
  const conditions: string[] = []
  if (numbers) {
    const among = db.among(given(JSON.stringify(numbers.map(listOfAddress))))
    conditions.push(`id in (${ofParty} ${among})`)
  }
  if (agent !== undefined) {
    const named = `${ofParty} = ${given(listOfAgent(agent))}`
    conditions.push(`id in (${named} union ${ofMapped} = ${given(agent)})`)
  }
  if (user !== undefined) conditions.push(`id in (${ofMapped} = ${given(user)})`)
  return conditions
}

const ofParty = 'select voicemail from voicemail_parties where app = $1 and party'
/** Mappings have their values as the parties are written, and are fewer: an embedded store takes them as they stand. */
const ofMapped = `select voicemail from user_mappings cross join voicemail_parties
  where voicemail_parties.app = user_mappings.app
  and party = case kind when 'provider_user' then 'a:' else 'n:' end || value
  and user_mappings.app = $1 and sub`
