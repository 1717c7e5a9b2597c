/** What a request shows: a user's (a JWT or an `app_…` key), or the operators' internal secret. */
export interface Credential {
  readonly kind: 'token' | 'secret'
  readonly text: string
}

/** Operators' secrets are at least this long; the hub starts with no other. */
const leastSecret = 32

/** The credential a text is, by its looks; null: it can be none. */
export function credentialOf(text: string): Credential | null {
  if (/^app_\w+$/.test(text) || /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) {
    return { kind: 'token', text }
  }
  // Headers carry nothing else.
  return /^[\x20-\x7e]+$/.test(text) && text.length >= leastSecret ? { kind: 'secret', text } : null
}
