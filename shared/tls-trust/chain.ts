import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

/** More than any chain is long; what a peer sends beyond is not looked at. */
const longest = 16

/** Node.js 24 hands out a peer's certificates once and has none when asked again. */
const chains = new WeakMap<TLSSocket, readonly X509Certificate[]>()

/** The certificates a peer sent, as it sent them: its own first. Empty if it sent none. */
export function chainAsSent(socket: TLSSocket): readonly X509Certificate[] {
  const chain = chains.get(socket) ?? readChain(socket)
  chains.set(socket, chain)
  return chain
}

function readChain(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = socket.getPeerX509Certificate()
  while (next && chain.length < longest) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

/**
 * Where a chain ends that is followed from its first certificate: at the one that is its own issuer, or whose issuer is not
 * among those sent. In whichever order they came.
 */
export function endOf(chain: readonly X509Certificate[]): X509Certificate | undefined {
  let [end] = chain
  const seen = new Set<X509Certificate>()
  while (end && !seen.has(end)) {
    seen.add(end)
    const below: X509Certificate = end
    if (isSelfSigned(below)) return below
    const issuer = chain.find((one) => isIssuedBy(below, one))
    if (!issuer) return below
    end = issuer
  }
  return end
}

/** Whether a certificate was signed with the key of another. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** Whether a certificate was signed with its own key, as roots are; also where it may sign no other. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  const { subject, issuer, publicKey } = certificate
  return subject === issuer && certificate.verify(publicKey)
}
