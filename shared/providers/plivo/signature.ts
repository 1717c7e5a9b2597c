import { createHmac, type KeyObject } from 'node:crypto'
import { queryOf, readForm, type Form } from '../form.ts'

// Split by hand: a URL that is parsed and written again is not the one that was signed. Plivo leaves the user out.
const address = /^(https?:\/\/)(?:[^/?#@]*@)?([^/?#@]+)((?:\/[^?#]*)?)(?:[?#].*)?$/s

/**
 * What is signed before the nonce (signature V3): the URL with its query sorted, then the sorted parameters of the body.
 * Null if the URL is none, or its query no form.
 */
export function signedText(url: string, form: Form): string | null {
  const match = address.exec(url)
  const query = readForm(queryOf(url))
  if (!match || !query) return null
  const [, scheme, host, path] = match
  const asked = pairsOf(query, '=').join('&')
  const told = pairsOf(form, '').join('')
  const hasBody = form.size > 0
  const mark = asked !== '' || hasBody ? '?' : ''
  const dot = asked !== '' && hasBody ? '.' : ''
  return `${scheme}${host}${path}${mark}${asked}${dot}${told}`
}

/** The HMAC-SHA256 of that and the nonce. */
export function hmacSha256(key: KeyObject | string, text: string, nonce: string): Buffer {
  return createHmac('sha256', key).update(`${text}.${nonce}`).digest()
}

/** By name, then by value, both in the order of their UTF-16 units. */
function pairsOf(form: Form, between: string): string[] {
  const names = [...form.keys()].sort()
  return names.flatMap((name) =>
    (form.get(name) ?? []).toSorted().map((value) => `${name}${between}${value}`),
  )
}
