import { createHash, createHmac, type KeyObject } from 'node:crypto'
import type { Form } from '../form.ts'

/** How the values of a repeated parameter are signed. */
export type ValueOrder = (values: readonly string[]) => readonly string[]

// Split by hand: a URL that is parsed and written again is not the one that was signed.
const address = /^(https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]/?#]*\]|[^/?#@:]*))(:\d+)?((?:[/?#].*)?)$/s
const hashParameter = /[?&]bodySHA256=([^&#]*)/

/**
 * A URL with and without a port, one of them as it is: senders differ in whether they sign it. The port that is added
 * is the default one of the scheme.
 */
export function spellingsOf(url: string): readonly string[] {
  const match = address.exec(url)
  if (!match) return [url]
  const [, origin = '', port, rest = ''] = match
  const defaultPort = url.startsWith('https:') ? ':443' : ':80'
  return [`${origin}${rest}`, `${origin}${port ?? defaultPort}${rest}`]
}

/** What is signed of a form, after the URL: names in the order of their UTF-16 units, each followed by its values. */
export function signedForm(form: Form, order: ValueOrder): string {
  const names = [...form.keys()].sort()
  return names
    .map((name) =>
      order(form.get(name) ?? [])
        .map((value) => `${name}${value}`)
        .join(''),
    )
    .join('')
}

/** The HMAC-SHA1 of a URL and what follows it. */
export function hmacSha1(key: KeyObject | string, url: string, rest: string | Buffer): Buffer {
  return createHmac('sha1', key).update(url).update(rest).digest()
}

/** The hash a URL promises of the body, which then is signed in place of the parameters; null if it promises none. */
export function promisedHash(url: string): string | null {
  return hashParameter.exec(url)?.[1] ?? null
}

/** SHA-256 of a body, hexadecimal. */
export function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

/** Whether a body is JSON by its first character; no form begins with it. */
export function looksLikeJson(body: Buffer): boolean {
  return body[0] === 0x7b || body[0] === 0x5b
}
