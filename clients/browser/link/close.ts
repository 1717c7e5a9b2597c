import type { AfterClose } from '@switchhook/shared/protocol'

/** Why the hub does not want this client, in words for a person. */
export interface Refusal {
  /** A code of the error table: `origin_not_allowed`, `auth_expired`, … */
  readonly code: string
  /** What the hub said besides: the origin it saw, the limit that was passed. */
  readonly detail: string
  /** What to do about it; empty when there is nothing to advise. */
  readonly fix: string
}

/** What a close means for the client. */
export interface Ending {
  readonly code: number
  readonly after: AfterClose
  /** For people: why the connection ended. */
  readonly why: string
  readonly refusal: Refusal
  /** The hub's own wish for the time of the next attempt; 0 if it has none. */
  readonly retryMs: number
}

/** What the protocol's table of close codes says, where it is not to try again. Its words would be half of the SDK. */
export const afterClose: Readonly<Record<number, AfterClose>> = {
  1000: 'stop',
  1008: 'token',
  1009: 'stop',
  4400: 'stop',
  4401: 'token',
  4403: 'stop',
  4409: 'stop',
  4410: 'now',
  4500: 'now',
}

/** Reads a close by that table; the reason begins with a word, its argument follows. */
export function readClose(code: number, reason: string): Ending {
  const [word = '', ...rest] = reason.split(' ')
  const detail = rest.join(' ')
  // 1008 is the origin's refusal too, and no token helps against that.
  const after = code === 1008 && !isAuth(word) ? 'stop' : (afterClose[code] ?? 'retry')
  return {
    code,
    after,
    why: word ? `the hub said ${reason}` : 'the connection was lost',
    refusal: refuse(word || `close_${code}`, detail),
    // What was slow is counted in bytes.
    retryMs: word === 'slow' ? 0 : Number(detail) || 0,
  }
}

/** A refusal with the fix that belongs to its code, if nobody knows a better one. */
export function refuse(code: string, detail?: string | null, fix?: string | null): Refusal {
  return { code, detail: detail ?? '', fix: fix ?? fixOf(code, detail) }
}

/** Whether the code is about the credential. */
export const isAuth = (code: string): boolean => code.startsWith('auth_')

/** Whether the code is about the page's origin. */
export const isOrigin = (code: string): boolean => code === 'origin_not_allowed'

function fixOf(code: string, detail?: string | null): string {
  if (isOrigin(code)) return `Add ${detail || 'the origin of this page'} to ALLOWED_ORIGINS.`
  return isAuth(code) || code === 'token_expired' ? 'Sign in with a fresh token.' : ''
}

/** What an error says, in words. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
