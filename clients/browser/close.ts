import { closeCodes, type AfterClose } from '@switchhook/shared/protocol'

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
  /** The hub's own wish for the time of the next attempt. */
  readonly retryMs?: number
}

const known = new Map<number, (typeof closeCodes)[keyof typeof closeCodes]>(
  Object.values(closeCodes).map((entry) => [entry.code, entry]),
)

const freshToken = 'Sign in with a fresh token.'

const fixes: Readonly<Record<string, (detail: string) => string>> = {
  origin_not_allowed: (origin) => `Add ${origin || 'the origin of this page'} to ALLOWED_ORIGINS.`,
  auth_missing: () => freshToken,
  auth_invalid: () => 'Sign in with a token that this hub issued: its signature was not accepted.',
  auth_expired: () => freshToken,
  token_expired: () => freshToken,
  app_disabled: () => 'Ask whoever runs the hub to enable the app again.',
  too_large: () => 'Send smaller messages.',
  bad_frames: () => 'Compare what the client sends with the protocol.',
}

/** Reads a close by the table of close codes; the reason begins with a word, its argument follows. */
export function readClose(code: number, reason: string): Ending {
  const [word = '', ...rest] = reason.split(' ')
  const detail = rest.join(' ')
  const entry = known.get(code)
  const refusal = refuse(word || `close_${code}`, detail)
  const why = entry?.when ?? 'the connection was lost'
  const after =
    code === closeCodes.policy.code && !isAuth(word) ? 'stop' : (entry?.client ?? 'retry')
  return { code, after, why, refusal, ...(/^\d+$/.test(detail) && { retryMs: Number(detail) }) }
}

/** A refusal with the fix that belongs to its code. */
export function refuse(code: string, detail = ''): Refusal {
  return { code, detail, fix: fixes[code]?.(detail) ?? '' }
}

/** 1008 is the origin's refusal too, and no token helps against that. */
const isAuth = (word: string): boolean => word.startsWith('auth_')
