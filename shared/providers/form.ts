import { createHash } from 'node:crypto'
import type { Fields } from './untrusted.ts'

/** What a form says: names in the order in which they first came, each with all its values. */
export type Form = ReadonlyMap<string, readonly string[]>

const mostParameters = 1000
const brokenEscape = /%(?![\dA-Fa-f]{2})/
const upperCaseEscape = /%(?:[A-F]|[\da-f][A-F])/
const lowerCaseEscape = /%(?:[a-f]|[\dA-F][a-f])/

/**
 * Reads `application/x-www-form-urlencoded` text (WHATWG URL §5.1), be it a body or a query. Null if it is none: an
 * escape is broken, escapes are spelt in upper and in lower case (a sender does one; a flipped bit does both), or there
 * are more than 1,000 parameters. Invalid UTF-8 becomes U+FFFD, and names such as `__proto__` are names.
 */
export function readForm(text: string): Form | null {
  if (text.split('&', mostParameters + 1).length > mostParameters) return null
  if (brokenEscape.test(text)) return null
  if (upperCaseEscape.test(text) && lowerCaseEscape.test(text)) return null
  const form = new Map<string, string[]>()
  // A question mark that leads is dropped by URLSearchParams, so one of ours leads.
  for (const [name, value] of new URLSearchParams(`?${text}`)) {
    const values = form.get(name)
    if (values) values.push(value)
    else form.set(name, [value])
  }
  return form
}

/** The query of a URL as it stands there, without its question mark. */
export function queryOf(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1)
  const mark = beforeFragment.indexOf('?')
  return mark === -1 ? '' : beforeFragment.slice(mark + 1)
}

/**
 * The form a delivery brings: its body, or its query if it has none. The method is not signed by those who send forms,
 * so it does not decide.
 */
export function deliveredForm({ url, body }: { url: string; body: Buffer }): Form | null {
  return readForm(body.length > 0 ? body.toString() : queryOf(url))
}

/**
 * The one value of a parameter; null if it is absent or has several. The order of repeated ones is not signed, so none
 * of them may be chosen.
 */
export function parameter(form: Form, name: string): string | null {
  const values = form.get(name) ?? []
  return values.every((value) => value === values[0]) ? (values[0] ?? null) : null
}

/** A form as plain data; a name that came more than once has a list. */
export function formFields(form: Form): Fields {
  const entries = [...form].map(([name, values]) => [name, values.length > 1 ? values : values[0]])
  return Object.fromEntries(entries) as Fields
}

/** SHA-256 of what a form says, hexadecimal, whatever the order it is said in. */
export function formDigest(form: Form): string {
  const pairs = [...form].map(([name, values]) => [name, ...values.toSorted()])
  const said = JSON.stringify(pairs.sort(byFirst))
  return createHash('sha256').update(said).digest('hex')
}

function byFirst([a = '']: string[], [b = '']: string[]): number {
  return a < b ? -1 : Number(a > b)
}
