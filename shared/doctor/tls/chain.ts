import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { isIssuedBy, isSelfSigned } from '../../tls-trust/chain.ts'

/** The way from a certificate to whoever answers for it. */
export interface Ascent {
  /** The certificate, its issuer, and so on: as far as it is known, without the root of the system. */
  readonly path: readonly X509Certificate[]
  /** Whether it ends at a root of this system, at one that signed itself, or at a gap. */
  readonly end: 'system' | 'self' | 'open'
}

/** Longer chains are not followed. */
const longest = 10

/** Goes up from a certificate through those of a pool. */
export function ascend(leaf: X509Certificate, pool: readonly X509Certificate[]): Ascent {
  const path = [leaf]
  for (let current = leaf; path.length <= longest;) {
    if (isOfSystem(current)) return { path, end: 'system' }
    if (signedItself(current)) return { path, end: 'self' }
    if (systemRoots().some((root) => signed(current, root))) return { path, end: 'system' }
    const issuer = pool.find((each) => !path.includes(each) && signed(current, each))
    if (!issuer) break
    path.push(issuer)
    current = issuer
  }
  return { path, end: 'open' }
}

/** Whether one signed the other: by name, and by signature. */
export function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return isKnown(() => isIssuedBy(certificate, issuer))
}

/** Whether it signed itself, as roots do, and what people make for themselves. */
export function signedItself(certificate: X509Certificate): boolean {
  return isKnown(() => isSelfSigned(certificate))
}

/** What was asked of OpenSSL; no where a key is of a kind that it does not know. */
function isKnown(question: () => boolean): boolean {
  try {
    return question()
  } catch {
    return false
  }
}

/** Whether this process trusts a certificate by itself. */
export function isOfSystem({ raw }: X509Certificate): boolean {
  return systemRoots().some((root) => root.raw.equals(raw))
}

let roots: readonly X509Certificate[] | null = null

/** What this process trusts, NODE_EXTRA_CA_CERTS among it. */
function systemRoots(): readonly X509Certificate[] {
  roots ??= getCACertificates('default').map((pem) => new X509Certificate(pem))
  return roots
}
