import type { PresenceEntry } from '@switchhook/shared/protocol'
import type { AgentRow } from '@switchhook/shared/presence'

/** Whether anybody is there, and since when not. */
export interface Standing {
  readonly sockets: number
  /** RFC 3339; counts while there is no socket. */
  readonly absentSince: string
}

/** The providers' words for somebody whom they would call, without blanks and dashes; every other word is a no. */
const reachableWords = new Set([
  'active',
  'available',
  'free',
  'idle',
  'online',
  'onduty',
  'open',
  'ready',
])

/** What keeps calls from an agent: `socket`, `sip`, `provider`. What nobody told of keeps none. */
export function missingParts({
  sockets,
  sip,
  provider,
}: Pick<PresenceEntry, 'sockets' | 'sip' | 'provider'>): string[] {
  const missing: string[] = []
  if (sockets === 0) missing.push('socket')
  if (sip === 'unregistered') missing.push('sip')
  if (provider !== null && !isReachable(provider)) missing.push('provider')
  return missing
}

function isReachable(word: string): boolean {
  return reachableWords.has(word.toLowerCase().replaceAll(/[^a-z]/g, ''))
}

/** How an agent is; null for one who is not there and of whom nobody told anything. */
export function entryOf(row: AgentRow, { sockets, absentSince }: Standing): PresenceEntry | null {
  const { agent, name, sip, provider, seen } = row
  const present = sockets > 0
  if (!present && sip !== 'registered' && provider === null) return null
  const missing = missingParts({ sockets, sip, provider })
  return {
    agent,
    name,
    state: present ? row.state : 'offline',
    note: present ? row.note : null,
    sockets,
    sip,
    provider,
    reachable: missing.length === 0,
    missing,
    since: present ? row.since : absentSince,
    seen,
  }
}
