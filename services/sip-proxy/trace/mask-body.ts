import { valueOf, type SipText } from './text.ts'

/** Keys of media: SDES (RFC 4568), ICE (RFC 8839), MIKEY (RFC 4567), the old `k=` (RFC 4566 §5.12). */
const keys: readonly (readonly [RegExp, string])[] = [
  [/(a\s*=\s*crypto\s*:\s*\d*\s*[\w-]*).*$/is, '$1 …'],
  [/(a\s*=\s*(?:remote-)?(?:ice-pwd|key-mgmt)\s*:).*$/is, '$1…'],
  [/^(\s*k\s*=).*$/is, '$1…'],
]

/** The body if it is text, without keys; of any other type, what it is and how long. */
export function maskBody(text: SipText, maskSecrets: (text: string) => string): string {
  const { body } = text
  if (body.length === 0) return ''
  const type = valueOf(text, 'content-type').split(';', 1)[0]!.trim()
  const encoding = valueOf(text, 'content-encoding').trim()
  const isPlain = encoding === '' || encoding.toLowerCase() === 'identity'
  const isSdp = type.toLowerCase() === 'application/sdp'
  if (!isPlain || !(isSdp || /^text\//i.test(type))) {
    const what = [type, encoding].filter((word) => word !== '').join(', ')
    return `(${body.length} octets${what === '' ? '' : ` of ${maskSecrets(what)}`})`
  }
  const lines = body.toString().split(/\r\n|\n|\r/)
  return lines.map((line) => maskSecrets(maskKeys(line))).join('\r\n')
}

/** A line without what opens media; whoever reads otherwise may take what stands among the headers for a body. */
export function maskKeys(line: string): string {
  return keys.reduce((masked, [pattern, instead]) => masked.replace(pattern, instead), line)
}
