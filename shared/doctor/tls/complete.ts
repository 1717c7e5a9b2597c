import { CodedError } from '../../errors/index.ts'
import { issuerUrls } from '../../tls-trust/index.ts'
import { printable } from '../printable.ts'
import { ascend, signed, type Ascent } from './chain.ts'
import { fetchCertificates, type FetchOptions } from './aia.ts'
import type { X509Certificate } from 'node:crypto'

/** A chain as it was sent, and what could be found to complete it. */
export interface Completed extends Ascent {
  /** How far it went with what was sent alone. */
  readonly sent: Ascent
  /** Certificates that were fetched, in order. */
  readonly found: readonly X509Certificate[]
  /** Why the last one could not be fetched; null if it could, or nothing was missing. */
  readonly trouble: string | null
}

const mostFetches = 5

/** Looks for the certificates that a server does not send where those it sends say they are. */
export async function complete(
  chain: readonly X509Certificate[],
  options: FetchOptions,
): Promise<Completed> {
  const [leaf, ...rest] = chain
  const sent = ascend(leaf!, rest)
  const found: X509Certificate[] = []
  let now = sent
  while (now.end === 'open' && found.length < mostFetches) {
    const next = await issuerOf(now.path.at(-1)!, options)
    if (typeof next === 'string') return { ...now, sent, found, trouble: next }
    found.push(next)
    now = ascend(leaf!, [...rest, ...found])
  }
  const trouble = now.end === 'open' ? `${mostFetches} issuers up there is still no root` : null
  return { ...now, sent, found, trouble }
}

/** The issuer of a certificate, or why it cannot be had. */
async function issuerOf(
  certificate: X509Certificate,
  options: FetchOptions,
): Promise<X509Certificate | string> {
  const troubles: string[] = []
  for (const url of issuerUrls(certificate)) {
    const fetched = await fetchCertificates(url, options).catch((error: Error) => error)
    if (fetched instanceof Error) troubles.push(`${url.href}: ${reasonOf(fetched)}`)
    else {
      const issuer = fetched.find((each) => signed(certificate, each))
      if (issuer) return issuer
      troubles.push(`${url.href}: what it serves did not sign it`)
    }
  }
  if (troubles.length === 0) return 'it names no http address where that could be fetched'
  return troubles.map(printable).join('; ')
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return 'no answer within 3 s'
  const isPrivate = error instanceof CodedError && error.code === 'upstream_private'
  return isPrivate ? `${error.message} (--allow-private fetches it all the same)` : error.message
}
