import { listOfAddress, listOfAgent, wordsOf } from '../calls/lists.ts'
import type { VoicemailRecord } from '../../projections/index.ts'

/** Keys of an index are no longer. */
const maxLength = 256

/** All by which a voicemail is found, as calls are: who called whom, and for whom it was left. */
export function partiesOf({ from, to, agent }: VoicemailRecord): string[] {
  const agents = [agent?.id, agent?.email].flatMap((value) => value || [])
  const parties = [
    ...[from, to].flatMap(wordsOf).map(listOfAddress),
    ...agents.map(listOfAgent),
  ].filter((party) => party.length <= maxLength && party.isWellFormed() && !/\p{Cc}/u.test(party))
  return [...new Set(parties)]
}
