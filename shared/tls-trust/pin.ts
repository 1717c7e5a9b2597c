import { createHash, type X509Certificate } from 'node:crypto'

/** The pin of a certificate's key: `sha256/<base64 of the SPKI's SHA-256>`, which a renewal with the same key keeps. */
export function spkiPin({ publicKey }: X509Certificate): string {
  const key = publicKey.export({ type: 'spki', format: 'der' })
  return `sha256/${createHash('sha256').update(key).digest('base64')}`
}
