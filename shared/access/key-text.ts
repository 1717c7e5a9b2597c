import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What every key begins with, and no JWT can. */
export const keyMark = 'app_'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const pattern = /^app_[0-9A-Za-z]{49}$/
const secretBytes = 32
/** 62^43 > 2^256, 62^6 > 2^32. */
const secretDigits = 43
const checkDigits = 6
const prefixDigits = 8

/** A new key: `app_`, 256 random bits, and a checksum, so that a typo or a cut is seen without a look-up. */
export function newKey(): string {
  const secret = BigInt(`0x${randomBytes(secretBytes).toString('hex')}`)
  const text = `${keyMark}${digits(secret, secretDigits)}`
  return text + checkOf(text)
}

/** Whether a text may be a key at all. */
export function isKey(text: string): boolean {
  return pattern.test(text) && checkOf(text.slice(0, -checkDigits)) === text.slice(-checkDigits)
}

/** The part of a key that may be shown. */
export function prefixOf(key: string): string {
  return key.slice(0, keyMark.length + prefixDigits)
}

/** How secrets lie in the store: they are random, so a plain SHA-256 (hex) is as good as a slow one. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function checkOf(text: string): string {
  return digits(BigInt(crc32(text)), checkDigits)
}

function digits(value: bigint, count: number): string {
  let rest = value
  let text = ''
  for (let place = 0; place < count; place += 1) {
    text = alphabet[Number(rest % 62n)]! + text
    rest /= 62n
  }
  return text
}
