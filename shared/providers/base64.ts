/**
 * Decodes padded standard base64 (RFC 4648 §4) in its one canonical spelling; null for any other
 * text. With spare bits set, a changed header would still carry the same signature.
 */
export function strictBase64(text: string): Buffer | null {
  const decoded = Buffer.from(text, 'base64')
  return decoded.toString('base64') === text ? decoded : null
}
