import { kindNames, kinds, type Kind, type NewMapping } from './mapping.ts'
import { readTable } from './table-text.ts'

/** A pasted row: what it says, or what is wrong with it. */
export interface Row {
  /** From 1, of the lines that are not empty, the headings included. */
  readonly line: number
  readonly cells: readonly string[]
  readonly mapping: NewMapping | null
  /** Null: nothing is. */
  readonly mistake: string | null
}

/** Columns in the order they have without headings. */
const columns = ['kind', 'provider', 'value', 'user', 'team'] as const
/** The hub takes so many at once. */
const maxRows = 10_000

type Cells = Readonly<Record<(typeof columns)[number], string>>

/** Reads pasted rows; a first line with the names of the columns may give them another order. */
export function readRows(text: string, providers: readonly string[]): Row[] {
  const table = readTable(text)
  const order = orderIn(table[0] ?? [])
  const first = order === null ? 0 : 1
  const lines = new Map<string, number>()
  return table.slice(first).map((cells, index) => {
    const line = index + first + 1
    const row = { line, cells }
    if (index >= maxRows) return { ...row, ...wrong(`more than ${maxRows} rows at once`) }
    const read = mappingIn(named(cells, order ?? columns), providers)
    if (read.mapping === null) return { ...row, ...read }
    const same = placeOf(read.mapping, { lines, line })
    return { ...row, ...(same === null ? read : wrong(`the same as line ${same}`)) }
  })
}

/** The line that says the same before this one; otherwise notes this one. */
function placeOf(
  { kind, provider, value }: NewMapping,
  { lines, line }: { lines: Map<string, number>; line: number },
): number | null {
  const key = [kind, provider, value.toLowerCase()].join('\n')
  const same = lines.get(key)
  if (same !== undefined) return same
  lines.set(key, line)
  return null
}

/** The names of columns if a line has them. */
function orderIn(cells: readonly string[]): readonly string[] | null {
  const names = cells.map((cell) => cell.toLowerCase().replace(/^sub$/, 'user'))
  return names.includes('kind') && names.includes('value') ? names : null
}

function named(cells: readonly string[], order: readonly string[]): Cells {
  const entries = columns.map((name) => [name, cells[order.indexOf(name)] ?? ''])
  return Object.fromEntries(entries) as Cells
}

type Read = Pick<Row, 'mapping' | 'mistake'>

const wrong = (mistake: string): Read => ({ mapping: null, mistake })

function mappingIn(cells: Cells, providers: readonly string[]): Read {
  const { provider, value, user, team } = cells
  const kind = kindIn(cells.kind)
  if (kind === null) return wrong(`the kind must be one of ${kindNames.join(', ')}`)
  const mistake = providerMistake(kind, provider, providers)
  if (mistake !== null) return wrong(mistake)
  if (!kinds[kind].pattern.test(value)) return wrong(kinds[kind].mistake)
  if (user === '') return wrong('the user is missing')
  const mapping = {
    kind,
    provider: provider === '' ? null : provider.toLowerCase(),
    value,
    sub: user,
    team: team === '' ? null : team,
  }
  return { mapping, mistake: null }
}

function kindIn(text: string): Kind | null {
  const name = text.toLowerCase().replaceAll(/[\s-]+/g, '_')
  return kindNames.find((kind) => kind === name) ?? null
}

function providerMistake(kind: Kind, text: string, providers: readonly string[]): string | null {
  if (kind !== 'provider_user') return text === '' ? null : 'only a provider user has a provider'
  if (text === '') return 'the provider is missing'
  return providers.includes(text.toLowerCase()) ? null : `there is no provider ${text}`
}
