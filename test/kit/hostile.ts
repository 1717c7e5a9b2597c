/** As much of a JSON schema as values are made from. */
export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly format?: string
  readonly minimum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

type Random = () => number

/** What no schema is written for, and nobody with good will sends. */
const texts = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '9'.repeat(400),
  'x'.repeat(20_000),
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfff',
  '\u202e\u200d\ufeff',
  '👩‍👩‍👧'.repeat(50),
  '__proto__',
  'constructor',
  'null',
  '%00',
  '%',
  '%_\\',
  '../../etc/passwd',
  `'; drop table apps; --`,
  '{{7*7}}',
  '00000000-0000-0000-0000-000000000000',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:60Z',
  '+999999-01-01T00:00:00Z',
  cursor('not JSON'),
  cursor('[]'),
  cursor('{"__proto__":1}'),
  cursor('["\\u0000","\\ud800","a"]'),
  cursor('["2026-01-01T00:00:00Z","00000000-0000-4000-8000-000000000000"]'),
  cursor('["\\u0000","00000000-0000-4000-8000-000000000000"]'),
] as const

const values = [
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  [],
  [null],
  {},
  Object.fromEntries([['__proto__', { admin: true }]]),
  { constructor: { prototype: { admin: true } } },
  nested(40),
  nested(2_000),
]

function cursor(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { data: value }
  return value
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!
}

export function hostileText(random: Random): string {
  return pick(texts, random)
}

/** A value that a schema allows, more or less; each part of it may be of the hostile ones instead. */
export function valueFor(schema: Schema, random: Random): unknown {
  if (random() < 0.15) return pick(values, random)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return pick(schema.enum, random)
  if (schema.anyOf) return valueFor(pick(schema.anyOf, random), random)
  switch (schema.type) {
    case 'object':
      return objectFor(schema, random)
    case 'array':
      return Array.from({ length: Math.floor(random() * 4) }, () =>
        valueFor(schema.items ?? {}, random),
      )
    case 'string':
      return textFor(schema, random)
    case 'integer':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    default:
      return null
  }
}

function objectFor({ properties = {}, required = [] }: Schema, random: Random): unknown {
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random() < 0.5)
    .map(([name, schema]): [string, unknown] => [name, valueFor(schema, random)])
  if (random() < 0.1) entries.push([hostileText(random), pick(values, random)])
  return Object.fromEntries(entries)
}

function textFor({ format }: Schema, random: Random): string {
  if (random() < 0.4) return hostileText(random)
  if (format === 'uuid') return '8d6ffc7a-77f1-4f5f-9a3e-000000000000'
  if (format === 'date-time') return '2099-01-01T00:00:00Z'
  return pick(['a', 'anna@example.com', '+12025550131', 'custom.x'], random)
}
