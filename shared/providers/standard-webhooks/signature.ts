import { createHmac, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'

/** The signatures of a delivery by version. */
export interface Signatures {
  /** HMAC-SHA256. */
  readonly v1: readonly Buffer[]
  /** Ed25519. */
  readonly v1a: readonly Buffer[]
}

const bytesOf = { v1: 32, v1a: 64 } as const
/** A rotation sends two. Each Ed25519 one costs a stranger nothing and us 0.13 ms. */
const mostSignatures = 16

/** The HMAC-SHA256 of a body whose prefix is `id.timestamp.`: microseconds, so it stays on the loop. */
export function digest(secret: KeyObject, prefix: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(prefix).update(body).digest()
}

/**
 * Reads `v1,<base64> v1a,<base64> …`, at most 16 of them (§ Webhook headers). Versions yet to come
 * are skipped; null if an entry has no version, or a version we know has no signature of its length.
 */
export function readSignatures(header: string): Signatures | null {
  const signatures = { v1: [] as Buffer[], v1a: [] as Buffer[] }
  const entries = header.split(' ', mostSignatures + 1)
  if (entries.length > mostSignatures) return null
  for (const entry of entries) {
    const comma = entry.indexOf(',')
    if (comma < 1) return null
    const version = entry.slice(0, comma)
    if (version !== 'v1' && version !== 'v1a') continue
    const signature = strictBase64(entry.slice(comma + 1))
    if (signature?.length !== bytesOf[version]) return null
    signatures[version].push(signature)
  }
  return signatures
}
