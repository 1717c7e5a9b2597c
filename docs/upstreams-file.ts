import { UpstreamsFile } from '../services/sip-proxy/upstreams/index.ts'
import { alignedTable } from './table.ts'

/** A part of the schema, as far as the table looks into it. */
interface Described {
  readonly default?: string | number | boolean
  readonly description?: string
  readonly enum?: readonly string[]
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
}

/** The JSON Schema of `SIP_UPSTREAMS_FILE`, for editors. */
export function upstreamsSchemaFile(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'SIP_UPSTREAMS_FILE',
    ...UpstreamsFile,
  }
  // What the pattern is in words is no keyword of JSON Schema.
  const text = JSON.stringify(
    schema,
    (key, value: unknown) => (key === 'mistake' ? undefined : value),
    2,
  )
  return `${text}\n`
}

/** What stands under `## Keys` of its page, up to the next heading. */
const keysSection = /(?<=^## Keys\n\n)[^]*?(?=\n## )/m

/** The page of the file with its table of keys. */
export function withUpstreamKeys(page: string): string {
  const rows = rowsOf(UpstreamsFile.properties.upstreams.items)
  const table = ['| key | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
  return page.replace(keysSection, () => alignedTable(table))
}

function rowsOf(schema: object, above = ''): string[] {
  const { properties = {}, required = [] } = schema as Described
  return Object.entries(properties).flatMap(([key, described]) => {
    const name = above + key
    if (described.properties) return rowsOf(described, `${name}.`)
    const cells = [`\`${name}\``, required.includes(key) ? 'required' : defaultOf(described)]
    return `| ${[...cells, meaningOf(described)].join(' | ')} |`
  })
}

const defaultOf = ({ default: value }: Described): string =>
  value === undefined ? '–' : `\`${String(value)}\``

function meaningOf({ description = '', enum: choices, examples }: Described): string {
  const words = [
    description,
    ...(choices ? [`One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`] : []),
    ...(examples ? [`Example: \`${written(examples[0])}\`.`] : []),
  ]
  return words.join(' ').replaceAll('|', '\\|')
}

const written = (example: unknown): string =>
  typeof example === 'string' ? example : JSON.stringify(example)
