/** What a client does after a close: `stop` for good, `token` once with a fresh token, `retry` with backoff, `now` at once. */
export type AfterClose = 'stop' | 'token' | 'retry' | 'now'

export interface CloseCode {
  readonly code: number
  readonly when: string
  readonly client: AfterClose
}

/** Every code the hub closes a socket with (RFC 6455 §7.4; 4000–4999 are ours). */
export const closeCodes = {
  bye: { code: 1000, when: 'the client asked', client: 'stop' },
  policy: { code: 1008, when: 'the credential or the origin was refused', client: 'token' },
  tooLarge: { code: 1009, when: 'a message was over the limit', client: 'stop' },
  internal: { code: 1011, when: 'the handler failed', client: 'retry' },
  restart: { code: 1012, when: 'the process is going away', client: 'retry' },
  overload: { code: 1013, when: 'too many sockets at once', client: 'retry' },
  badFrames: { code: 4400, when: 'ten malformed messages in a minute', client: 'stop' },
  tokenExpired: { code: 4401, when: 'the token expired while connected', client: 'token' },
  revoked: {
    code: 4403,
    when: 'the credential was revoked, or a renewed one is of another user',
    client: 'stop',
  },
  slow: { code: 4408, when: 'the client read too slowly', client: 'retry' },
  replaced: { code: 4409, when: 'another session took its place', client: 'stop' },
  idle: { code: 4410, when: 'no sign of life for 45 s', client: 'now' },
  rate: { code: 4429, when: 'too many messages or sockets', client: 'retry' },
  resyncRequired: { code: 4500, when: 'the hub cannot continue this journal', client: 'now' },
} as const satisfies Record<string, CloseCode>

export type CloseName = keyof typeof closeCodes

/** A close reason is at most 123 bytes (RFC 6455 §5.5: 125 minus the code); longer text is cut at a character. */
export function closeReason(text: string): string {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= 123) return text
  return new TextDecoder().decode(bytes.subarray(0, 123), { stream: true })
}
