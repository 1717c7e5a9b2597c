import { canonicalKey, textOf, type NewMapping } from '@switchhook/shared/mappings'
import { CodedError } from '@switchhook/shared/errors'
import type { Row } from './schema.ts'

/** Further ones are not named: who sends such rows repairs them all alike. */
const maxMistakes = 20

interface Mistake {
  readonly path: string
  readonly message: string
}

const shapes = {
  provider_user: {
    pattern: /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u,
    message: 'must neither begin nor end with a space, nor have control characters',
  },
  // ITU-T E.164 §6: at most 15 digits, none of which is punctuation.
  phone_number: {
    pattern: /^\+[1-9]\d{5,14}$/,
    message: 'must be E.164: + and 6 to 15 digits without spaces or punctuation, as +12025550131',
  },
  sip_user: {
    pattern: /^[^\s\p{C}@:;?<>"]+(?:@[A-Za-z0-9.-]+|@\[[0-9A-Fa-f:.]+\])?$/u,
    message: 'must be a user, or user@host, without sip: and port, as 1001 or 1001@pbx.example',
  },
} as const

/** One row as a mapping. @throws CodedError `invalid_parameter` */
export function mappingOf(row: Row): NewMapping {
  refuse(mistakesIn(row))
  return canonical(row)
}

/** Rows as mappings, of which no two say whose the same is. @throws CodedError `invalid_parameter`, naming the rows */
export function mappingsOf(rows: readonly Row[]): NewMapping[] {
  const mistakes: Mistake[] = []
  const seen = new Map<string, number>()
  const mappings = rows.map((row, index) => {
    const prefix = `items.${index}.`
    for (const { path, message } of mistakesIn(row)) {
      mistakes.push({ path: prefix + path, message })
    }
    const mapping = canonical(row)
    const text = textOf(mapping)
    const first = seen.get(text)
    if (first === undefined) seen.set(text, index)
    else mistakes.push({ path: `items.${index}`, message: `is the same as items.${first}` })
    return mapping
  })
  refuse(mistakes)
  return mappings
}

function canonical({ team = null, provider = null, sub, ...key }: Row): NewMapping {
  return { ...canonicalKey({ ...key, provider }), sub, team }
}

function mistakesIn({ kind, provider = null, value }: Row): Mistake[] {
  const mistakes: Mistake[] = []
  if (kind === 'provider_user' && provider === null) {
    mistakes.push({ path: 'provider', message: 'must be given for a provider_user' })
  }
  if (kind !== 'provider_user' && provider !== null) {
    mistakes.push({ path: 'provider', message: `must not be given for a ${kind}` })
  }
  const { pattern, message } = shapes[kind]
  if (!pattern.test(value)) mistakes.push({ path: 'value', message })
  return mistakes
}

function refuse(mistakes: readonly Mistake[]): void {
  const [first] = mistakes
  if (!first) return
  const { path: parameter, message } = first
  const args = [`${parameter}: ${message}`]
  throw new CodedError('invalid_parameter', {
    args,
    parameter,
    errors: mistakes.slice(0, maxMistakes),
  })
}
