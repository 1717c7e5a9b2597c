import type { Session } from './index.ts'

/** A client on its way to a fresh token gets this long beyond the end of the old one, ms. */
const graceMs = 5_000
const warnMs = 60_000
const warnShare = 0.8

/** Warns of the end of a credential, and closes the socket after it. @returns whether it was closed */
export function checkCredential(session: Session, now: number): boolean {
  const { exp, iat } = session.principal
  if (exp === null) return false
  const endsAt = exp * 1_000
  // Legacy sockets cannot renew: there is nothing to wait for.
  if (now >= endsAt + (session.modern ? graceMs : 0)) {
    if (session.modern) session.connection.close('tokenExpired', 'token_expired')
    else session.connection.close('policy', 'auth_expired')
    return true
  }
  if (session.modern && session.warnedOf !== exp && now >= warnsAt(endsAt, iat)) {
    session.warnedOf = exp
    session.send('auth-expiring', { exp, inMs: Math.max(0, endsAt - now) })
  }
  return false
}

/** A minute before the end, or after most of a life that is shorter than that. */
function warnsAt(endsAt: number, iat: number | null): number {
  const bornAt = iat === null ? endsAt - warnMs : iat * 1_000
  return Math.max(endsAt - warnMs, bornAt + warnShare * (endsAt - bornAt))
}
