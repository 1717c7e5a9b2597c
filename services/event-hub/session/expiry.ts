import type { Client } from './door.ts'

/** A client on its way to a fresh token gets this long beyond the end of the old one, ms. */
const graceMs = 5_000
const warnMs = 60_000
const warnShare = 0.8

/** Warns of the end of a credential, and closes the socket after it. @returns whether it was closed */
export function checkCredential(client: Client, now: number): boolean {
  const { exp, iat } = client.principal
  if (exp === null) return false
  const endsAt = exp * 1_000
  // Legacy sockets and event streams cannot renew: there is nothing to wait for.
  const canRenew = client.modern && !client.connection.oneWay
  if (now >= endsAt + (canRenew ? graceMs : 0)) {
    if (client.modern) client.connection.close('tokenExpired', 'token_expired')
    else client.connection.close('policy', 'auth_expired')
    return true
  }
  if (client.modern && client.warnedOf !== exp && now >= warnsAt(endsAt, iat)) {
    client.warnedOf = exp
    client.send('auth-expiring', { exp, inMs: Math.max(0, endsAt - now) })
  }
  return false
}

/** A minute before the end, or after most of a life that is shorter than that. */
function warnsAt(endsAt: number, iat: number | null): number {
  const bornAt = iat === null ? endsAt - warnMs : iat * 1_000
  return Math.max(endsAt - warnMs, bornAt + warnShare * (endsAt - bornAt))
}
