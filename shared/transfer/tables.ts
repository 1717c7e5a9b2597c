/** A table of the schema, as it moves from store to store. */
export interface Table {
  readonly name: string
  /** Its primary key, along which it is read page by page. */
  readonly key: readonly string[]
  /** The column without a small bound: pages are cut by it. */
  readonly wide?: string
  /** Which rows a store has that was started once and never used: an import replaces them. */
  readonly fresh?: string
  /** It tells of processes that run now, or follows from other tables: an export leaves it out, and it is made anew. */
  readonly passing?: true
}

/**
 * Every table, each after those it refers to. `migrations` stays behind: it belongs to the store, not to what is in
 * it. A test holds this list against the schema.
 */
export const tables: readonly Table[] = [
  { name: 'journal', key: ['one'], fresh: 'one = 1' },
  { name: 'apps', key: ['id'], fresh: 'id = (select min(id) from apps)' },
  { name: 'counters', key: ['app'], fresh: 'seq = 0' },
  { name: 'deliveries', key: ['id'], wide: 'sealed' },
  { name: 'events', key: ['app', 'seq'], wide: 'data' },
  { name: 'milestones', key: ['app', 'at'] },
  { name: 'calls', key: ['app', 'id'], wide: 'state' },
  { name: 'call_aliases', key: ['app', 'alias'] },
  {
    name: 'call_lists',
    key: ['app', 'list', 'kind', 'started_at', 'first_seq'],
    fresh: '1 = 1',
    passing: true,
  },
  { name: 'calls_listed', key: ['app'], fresh: '1 = 1', passing: true },
  { name: 'voicemails', key: ['app', 'id'], wide: 'state' },
  { name: 'voicemail_parties', key: ['app', 'party', 'heard', 'left_at', 'voicemail'] },
  { name: 'provider_credentials', key: ['app', 'provider'], wide: 'sealed' },
  { name: 'connections', key: ['app', 'provider'], wide: 'sealed' },
  { name: 'consents', key: ['id'], wide: 'sealed' },
  { name: 'audit', key: ['id'] },
  { name: 'api_keys', key: ['id'] },
  { name: 'tickets', key: ['id'] },
  { name: 'revocations', key: ['app', 'sub'] },
  { name: 'user_mappings', key: ['app', 'id'] },
  { name: 'mapping_removals', key: ['revision'], fresh: '1 = 1', passing: true },
  { name: 'provider_users', key: ['app', 'provider', 'value'] },
  { name: 'resealing', key: ['one'], fresh: '1 = 1', passing: true },
  { name: 'revisions', key: ['name'], fresh: "name in ('presence', 'registrations')" },
  { name: 'nodes', key: ['id'], fresh: '1 = 1', passing: true },
  { name: 'presence', key: ['app', 'agent'], fresh: '1 = 1' },
  { name: 'presence_sockets', key: ['app', 'agent', 'node'], fresh: '1 = 1', passing: true },
  { name: 'claims', key: ['app', 'call', 'action'], fresh: '1 = 1', passing: true },
  { name: 'registrations', key: ['id'], fresh: '1 = 1', passing: true },
  { name: 'sip_traces', key: ['app', 'id'], fresh: '1 = 1', passing: true },
  { name: 'sip_calls', key: ['app', 'call'], fresh: '1 = 1', passing: true },
  {
    name: 'sip_messages',
    key: ['app', 'call', 'at', 'node'],
    wide: 'sealed',
    fresh: '1 = 1',
    passing: true,
  },
]

/** The table with this name, or undefined. */
export function tableNamed(name: unknown): Table | undefined {
  return tables.find((table) => table.name === name)
}
