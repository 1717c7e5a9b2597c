import { maskBody, maskKeys } from './mask-body.ts'
import type { Header, SipText } from './text.ts'

/** In place of what nobody shall read. */
const hidden = '…'

const credentials = new Set([
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'authentication-info',
  'proxy-authentication-info',
])
/** What of a digest tells how it was made, and not what opens the door (RFC 7616). */
const shown = new Set([
  'username',
  'realm',
  'uri',
  'algorithm',
  'qop',
  'nc',
  'stale',
  'domain',
  'userhash',
])
const schemes = new Set(['digest', 'basic', 'bearer', 'ntlm', 'negotiate', 'kerberos'])
/** Each name begins where none goes on, each text ends where the value does: read once, however it is made. */
const parameters = /(?<![\w*-])([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*\\?(?:"|$)|[^\s,"]*)/g
const secretNames = /token|secret|passw|api-?key|cookie|credential/

/** Wherever they hide: in an address, in a header that only one vendor knows, in a line that is not one. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, hidden],
  [/\b(bearer)([ .=:]+)[^\s,;"'<>]+/gi, `$1$2${hidden}`],
  [
    /([?&;](?:access_?|id_?)?(?:token|api_?key|key|secret|passw(?:or)?d|ticket|sig(?:nature)?)=)[^&;,\s>"]+/gi,
    `$1${hidden}`,
  ],
  // Headers of a request to be made from the address (RFC 3261 §19.1.1).
  [/([?&](?:proxy-)?authorization=)[^&>\s]+/gi, `$1${hidden}`],
  [/((?:sips?:|:\/\/)[^\s@:<>"]{1,255}):[^\s@<>"]{1,255}@/gi, `$1:${hidden}@`],
  [
    /\b(c?nonce|nextnonce|opaque|response|rspauth)(\s*=\s*)("(?:[^"\\]|\\.)*\\?(?:"|$)|[^\s,;"]+)/gi,
    `$1$2"${hidden}"`,
  ],
]

/** The message as it may be written down: who called whom, and nothing that opens a door or a conversation. */
export function maskMessage(text: SipText): string {
  const head = [maskStartLine(text), ...text.headers.map(maskHeader)].join('\r\n')
  return `${head}\r\n\r\n${maskBody(text, maskSecrets)}`
}

/** The first line alone. */
export function maskStartLine({ startLine }: SipText): string {
  return maskSecrets(startLine)
}

function maskHeader({ written, name, value }: Header): string {
  if (name === '') return maskSecrets(maskKeys(written))
  if (credentials.has(name)) return `${written}: ${maskSecrets(maskCredentials(value))}`
  return secretNames.test(name)
    ? `${written}: ${hidden}`
    : maskSecrets(maskKeys(`${written}: ${value}`))
}

/** `Digest username="1001", response="…"`: what is known to be harmless, and of the rest at most its name. */
function maskCredentials(value: string): string {
  const [, scheme = ''] = /^([\w-]+)\s+(?!\s|=)/.exec(value) ?? []
  const lower = scheme.toLowerCase()
  const known = schemes.has(lower) ? `${scheme} ` : ''
  // Authentication-Info has no scheme, and nothing but parameters.
  if (lower !== 'digest' && scheme !== '') return `${known}${hidden}`
  const found = [...value.slice(scheme.length).matchAll(parameters)].map(
    ([, name = '', said = '']) =>
      shown.has(name.toLowerCase()) ? `${name}=${said}` : hiddenParameter(name),
  )
  return `${known}${found.length > 0 ? found.join(', ') : hidden}`
}

function hiddenParameter(name: string): string {
  return /^(?:c?nonce|nextnonce|opaque|response|rspauth)$/i.test(name)
    ? `${name}="${hidden}"`
    : hidden
}

function maskSecrets(text: string): string {
  return secrets.reduce((masked, [pattern, instead]) => masked.replace(pattern, instead), text)
}
