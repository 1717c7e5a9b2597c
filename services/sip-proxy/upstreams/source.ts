import * as yaml from 'yaml'

/** Names and indices that lead to a value. */
export type Place = readonly (string | number)[]

/** Something that is wrong in the file. */
export interface Fault {
  readonly place: Place
  readonly reason: string
  readonly example?: string | undefined
}

/** A text of YAML or JSON as a value that knows its lines. */
export interface Source {
  /** Undefined if the text is neither. */
  readonly value: unknown
  /** Each begins with its line. */
  readonly mistakes: readonly string[]
  /** Where a value or the name before it stands; if it is missing, where it would. */
  lineOf(place: Place): number
}

/** Aliases of a text may multiply it; this often at most. */
const maxAliasCount = 100

/** Reads YAML 1.2, of which JSON is a part. A name that stands twice is a mistake, and so is a tag or an unknown alias. */
export function parseSource(text: string): Source {
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  })
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const { errors, warnings } = document
  const mistakes = [...errors, ...warnings].map(
    ({ pos, message }) => `line ${lineAt(pos[0])}: ${message}`,
  )
  const lineOf = (place: Place): number => lineAt(offsetOf(document, place))
  const readable = errors.every(({ code }) => code === 'DUPLICATE_KEY')
  if (!readable) return { value: undefined, mistakes, lineOf }
  try {
    return { value: document.toJS({ maxAliasCount }) as unknown, mistakes, lineOf }
  } catch (error) {
    const reason = `line ${lineAt(strayAlias(document))}: ${(error as Error).message}`
    return { value: undefined, mistakes: [...mistakes, reason], lineOf }
  }
}

/** As far as the place can be followed. */
function offsetOf(document: yaml.Document.Parsed, place: Place): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const step of place) {
    const held: unknown = yaml.isAlias(node) ? node.resolve(document) : node
    const pair = yaml.isMap(held) ? held.items.findLast(({ key }) => isNamed(key, step)) : null
    const item = yaml.isSeq(held) ? held.items[step as number] : pair?.key
    if (!yaml.isNode(item)) return offset
    offset = item.range?.[0] ?? offset
    node = pair ? pair.value : item
  }
  return offset
}

const isNamed = (key: unknown, name: string | number): boolean =>
  yaml.isScalar(key) && key.value === name

/** The first alias that stands for nothing, or the beginning. */
function strayAlias(document: yaml.Document.Parsed): number {
  const stray: number[] = []
  yaml.visit(document, {
    Alias(_key, alias) {
      if (!alias.resolve(document)) stray.push(alias.range?.[0] ?? 0)
    },
  })
  return stray[0] ?? 0
}

/** `upstreams[0].tls.trust`; empty: the whole. */
export function inWords(place: Place): string {
  return place
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`
      return /^[\w$-]{1,60}$/.test(step) ? `.${step}` : `[${shown(step)}]`
    })
    .join('')
    .replace(/^\./, '')
}

const maxShown = 60

/** A value of the file as a message repeats it. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return Array.isArray(value) ? 'a list' : scalarOf(value)
  return JSON.stringify(value.length > maxShown ? `${value.slice(0, maxShown)}…` : value)
}

const scalarOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'an object' : String(value)
