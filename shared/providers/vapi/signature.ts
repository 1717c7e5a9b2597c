import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'
import type { Delivery } from '../contract.ts'
import type { Plan } from './settings.ts'

/** What a signature may cover. */
export interface Message extends Pick<Delivery, 'method' | 'url' | 'body'> {
  /** As its header has it. */
  readonly timestamp: string
  readonly messageId: string
}

/** Makes the HMAC of a message. */
export type Signer = (key: KeyObject, message: Message) => Buffer

const placeholder = /(\{[a-z-]+\})/
const secretPrefix = 'whsec_'
const bytesOf = { sha1: 20, sha256: 32, sha512: 64 } as const
const values: ReadonlyMap<string, (message: Message) => string | Buffer> = new Map([
  ['{body}', ({ body }: Message): string | Buffer => body],
  ['{timestamp}', ({ timestamp }) => timestamp],
  ['{method}', ({ method }) => method],
  ['{url}', ({ url }) => url],
  ['{svix-id}', ({ messageId }) => messageId],
])

/** Reads a payload format once; the body goes in as its bytes, and nothing in it is a placeholder. */
export function signerOf({ algorithm, payloadFormat }: Plan): Signer {
  const parts = payloadFormat.split(placeholder).map((part) => values.get(part) ?? (() => part))
  return (key, message) => {
    const hmac = createHmac(algorithm, key)
    for (const valueOf of parts) hmac.update(valueOf(message))
    return hmac.digest()
  }
}

/** The value of the signature header. */
export function writeSignature(
  signature: Buffer,
  { signaturePrefix, signatureEncoding }: Plan,
): string {
  return `${signaturePrefix}${signature.toString(signatureEncoding)}`
}

/** The signature in a header; null if it is not spelt as Vapi spells it: hexadecimal is in lower case. */
export function readSignature(header: string, plan: Plan): Buffer | null {
  const { signaturePrefix, signatureEncoding, algorithm } = plan
  if (!header.startsWith(signaturePrefix)) return null
  const text = header.slice(signaturePrefix.length)
  const signature = signatureEncoding === 'hex' ? strictHex(text) : strictBase64(text)
  return signature?.length === bytesOf[algorithm] ? signature : null
}

/** The key a secret stands for; null if it should be base64 and is not. */
export function keyOf(secret: string, { secretIsBase64 }: Plan): KeyObject | null {
  if (!secretIsBase64) return createSecretKey(Buffer.from(secret))
  const text = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret
  const bytes = strictBase64(text)
  return bytes && bytes.length > 0 ? createSecretKey(bytes) : null
}

function strictHex(text: string): Buffer | null {
  const decoded = Buffer.from(text, 'hex')
  return decoded.toString('hex') === text ? decoded : null
}
