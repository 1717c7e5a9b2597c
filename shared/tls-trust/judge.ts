import type { X509Certificate } from 'node:crypto'
import { CodedError } from '../errors/index.ts'
import { endOf, isSelfSigned } from './chain.ts'
import { commonName, isFor, issuerUrls, namesOf, secondOf } from './facts.ts'
import { spkiPin } from './pin.ts'
import type { Trust } from './trust.ts'

/** What a peer showed. */
export interface Shown {
  /** What it is called in errors: `host:port`. */
  readonly peer: string
  /** Whom it should be. */
  readonly servername: string
  /** As sent, its own certificate first. */
  readonly chain: readonly X509Certificate[]
  /** What OpenSSL found wrong with the chain; null if it leads to an authority that is trusted. */
  readonly fault: string | null
}

/** Why a peer is not trusted; null if it is. */
export function refusal(shown: Shown, trust: Trust): CodedError | null {
  try {
    return judged(shown, trust)
  } catch (cause) {
    // A key or a name of a kind that OpenSSL does not know.
    return failed(shown, 'its certificate cannot be read', cause)
  }
}

function judged(shown: Shown, trust: Trust): CodedError | null {
  if (trust.trust === 'insecure') return null
  const [leaf] = shown.chain
  if (!leaf) return failed(shown, 'it shows no certificate')
  if (trust.trust === 'pin') {
    return (
      pinRefusal(shown, leaf, trust.pins) ?? dateRefusal(shown, [leaf]) ?? nameRefusal(shown, leaf)
    )
  }
  return chainRefusal(shown, leaf) ?? nameRefusal(shown, leaf)
}

function pinRefusal(
  { peer }: Shown,
  leaf: X509Certificate,
  pins: readonly string[],
): CodedError | null {
  const found = spkiPin(leaf)
  return pins.includes(found)
    ? null
    : new CodedError('upstream_pin_mismatch', { args: [peer, found] })
}

function nameRefusal({ peer, servername }: Shown, leaf: X509Certificate): CodedError | null {
  if (isFor(leaf, servername)) return null
  return new CodedError('upstream_name_mismatch', { args: [peer, servername, namesOf(leaf)] })
}

function dateRefusal(
  { peer }: Shown,
  certificates: readonly X509Certificate[],
  now = new Date(),
): CodedError | null {
  for (const [index, certificate] of certificates.entries()) {
    const whose =
      index === 0 ? peer : `the authority '${commonName(certificate, 'subject')}' of ${peer}`
    const { validFromDate, validToDate } = certificate
    // Not the other way round: a date that cannot be read is neither before nor after.
    if (!(now <= validToDate)) {
      return new CodedError('upstream_certificate_expired', {
        args: [whose, secondOf(validToDate)],
      })
    }
    if (!(now >= validFromDate)) {
      return new CodedError('upstream_certificate_early', {
        args: [whose, secondOf(validFromDate)],
      })
    }
  }
  return null
}

const dates = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

const unknown = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

function chainRefusal(shown: Shown, leaf: X509Certificate): CodedError | null {
  const { chain, fault } = shown
  if (fault === null) return null
  if (unknown.has(fault)) return issuerRefusal(shown, leaf)
  const old = dates.has(fault) ? dateRefusal(shown, chain) : null
  return old ?? failed(shown, `its certificate is refused (${fault})`)
}

const longestUrl = 200

/** Which of the codes of OpenSSL comes depends on what is trusted here; the chain itself says what is the matter. */
function issuerRefusal({ peer, chain }: Shown, leaf: X509Certificate): CodedError {
  const end = endOf(chain) ?? leaf
  const issuer = commonName(end, 'issuer')
  if (end !== leaf) return new CodedError('upstream_issuer_unknown', { args: [peer, issuer] })
  if (isSelfSigned(leaf)) {
    return new CodedError('upstream_self_signed', { args: [peer, spkiPin(leaf)] })
  }
  const [url] = issuerUrls(leaf)
  return new CodedError('upstream_chain_incomplete', {
    args: [
      peer,
      issuer,
      url ? ` (to be had at ${url.href.slice(0, longestUrl)})` : '',
      `wss://${peer}`,
    ],
  })
}

const failed = ({ peer }: Shown, reason: string, cause?: unknown): CodedError =>
  new CodedError('upstream_tls_failed', { args: [peer, reason], cause })
