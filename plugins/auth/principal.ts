import { CodedError } from '@switchhook/shared/errors'
import type { Directory } from '@switchhook/shared/directory'

export type Role = 'supervisor' | 'agent'

/** Who a credential stands for. */
export interface Principal {
  /** UUID of the app; nothing crosses apps. */
  readonly app: string
  readonly sub: string
  /** The name shown to people: the e-mail address, else `sub`. */
  readonly user: string
  /** `supervisor` sees the app's calls, `agent` those mapped to the user. */
  readonly role: Role
  /** When the credential ends, Unix seconds. */
  readonly exp: number
}

/** The claims we read of a verified token; everything in it is still untrusted text. */
export interface Claims {
  readonly [name: string]: unknown
}

/**
 * Turns verified claims into a principal.
 * @throws CodedError `auth_invalid` naming the claim that is missing or unusable
 */
export function principalOf(
  claims: Claims,
  { directory, defaultRole }: { directory: Directory; defaultRole: Role },
): Principal {
  const sub = text(claims['sub'] ?? claims['id'])
  if (sub === undefined) throw invalid('it has neither sub nor id')
  if (typeof claims['exp'] !== 'number') throw invalid('it has no exp')
  const role = claims['role'] ?? defaultRole
  if (role !== 'supervisor' && role !== 'agent') throw invalid(`the role is '${text(role) ?? ''}'`)
  const user = text(claims['email']) ?? sub
  return { app: appOf(claims['app'], directory), sub, user, role, exp: claims['exp'] }
}

function appOf(claim: unknown, directory: Directory): string {
  if (claim !== undefined && typeof claim !== 'string') throw invalid('app is not a UUID')
  const app = claim === undefined ? directory.onlyApp : directory.app(claim)
  if (!app) throw invalid(claim === undefined ? 'it names no app' : 'there is no such app')
  return app.id
}

/** Seed 001's tokens carry numeric ids. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined
}

const invalid = (why: string): CodedError => new CodedError('auth_invalid', { args: [why] })
