import { printable } from '../printable.ts'
import { spkiPin } from '../../tls-trust/index.ts'
import type { X509Certificate } from 'node:crypto'

/** A certificate in words, for people and programs. */
export interface Described {
  readonly subject: string
  readonly issuer: string
  /** RFC 3339. */
  readonly from: string
  readonly to: string
  /** Host names and addresses it is for. */
  readonly names: readonly string[]
  readonly pin: string
  /** SHA-256 of the whole certificate, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string
}

const mostNames = 10

export function describe(certificate: X509Certificate): Described {
  const { subject, issuer, validFromDate, validToDate, fingerprint256 } = certificate
  return {
    subject: inOneLine(subject),
    issuer: inOneLine(issuer),
    from: iso(validFromDate),
    to: iso(validToDate),
    names: namesOf(certificate),
    pin: pinOf(certificate),
    fingerprint: fingerprint256,
  }
}

/** `CN=Example, O=…` of what Node writes on several lines. */
export function inOneLine(name: string | undefined): string {
  return printable((name ?? '').split('\n').join(', ')) || 'nobody'
}

/** Names in the subject alternative name: the only ones anybody looks at (RFC 9525 §2). */
export function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):"?([^",]+)/g)]
    .map(([, name]) => printable(name!))
    .slice(0, mostNames)
}

function iso(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString()
}

function pinOf(certificate: X509Certificate): string {
  try {
    return spkiPin(certificate)
  } catch {
    return 'unknown'
  }
}
