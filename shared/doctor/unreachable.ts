import { fault, type Finding } from './finding.ts'

/** What a code of Node, OpenSSL or undici means, and what helps. */
interface Words {
  readonly code: string
  readonly says: string
  readonly fix: string
}

const network = (code: string, says: string, fix: string): Words => ({ code, says, fix })
const tls = (says: string, fix: string): Words => ({ code: 'tls_fault', says, fix })

const refused = network(
  'connection_refused',
  'nobody listens there',
  'Start the service, or the proxy in front of it; compare HOST and PORT with the URL.',
)
const unknownName = network(
  'dns_failure',
  'the name has no address',
  'Look for a mistyped host, and for its A or AAAA record.',
)
const silent = network(
  'timeout',
  'there is no answer in time',
  'Look for a firewall that drops packets, and for a proxy that waits for a service that is away.',
)
const noRoute = network('unreachable', 'there is no way to that address', 'Look at the network.')
const hungUp = network(
  'connection_lost',
  'the connection was closed without an answer',
  'Look into the log of what listens there; a URL with http on a port for https does this too.',
)
const incompleteChain = tls(
  'the server does not send the certificate between its own and a known root',
  'Give the proxy the full chain (fullchain.pem, not cert.pem).',
)
const ownRoot = tls(
  'nobody that is known signed the certificate',
  'Use a certificate of a public authority: the provider trusts no other. To check all the same, set NODE_EXTRA_CA_CERTS.',
)
const noTls = tls(
  'what listens there does not speak TLS',
  'Use the port that does, or let the proxy end TLS.',
)

const words: Readonly<Record<string, Words>> = {
  ECONNREFUSED: refused,
  ENOTFOUND: unknownName,
  EAI_AGAIN: network('dns_failure', 'the name server does not answer', 'Try again; look at DNS.'),
  ETIMEDOUT: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ECONNRESET: hungUp,
  EPIPE: hungUp,
  UND_ERR_SOCKET: hungUp,
  CERT_HAS_EXPIRED: tls('the certificate has expired', 'Renew it, and reload the proxy.'),
  CERT_NOT_YET_VALID: tls(
    'the certificate is not valid yet',
    "Look at this machine's clock and at the date of the certificate.",
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: tls(
    'the certificate is for another name',
    'Get one for this host, or use the host it is for.',
  ),
  DEPTH_ZERO_SELF_SIGNED_CERT: tls('the certificate is self-signed', ownRoot.fix),
  SELF_SIGNED_CERT_IN_CHAIN: ownRoot,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ownRoot,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incompleteChain,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  EPROTO: tls('the two could not agree on TLS', 'Look at the TLS versions the proxy offers.'),
}

/** Why there was no answer, in words: refused, DNS, TLS, time. @param failure what `fetch` threw */
export function unreachable(failure: unknown, url: string): Finding {
  const codes = codesOf(failure)
  const known = codes.map((code) => words[code]).find((one) => one !== undefined)
  const { code, says, fix } = known ?? {
    code: codes.some((each) => each.startsWith('ERR_SSL')) ? 'tls_fault' : 'unreachable',
    says: lastMessage(failure),
    fix: 'Is the service running, and is the URL right?',
  }
  const named = codes[0] === undefined ? '' : ` (${codes[0]})`
  return fault(code, `${new URL(url).origin} cannot be reached: ${says}${named}`, fix)
}

/** `fetch failed` says nothing: what failed is in the cause, or in one of several attempts. */
function codesOf(failure: unknown): string[] {
  if (!(failure instanceof Error)) return []
  if (failure.name === 'TimeoutError') return ['ETIMEDOUT']
  const { code } = failure as NodeJS.ErrnoException
  const inner = failure instanceof AggregateError ? (failure.errors as unknown[]) : []
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...[failure.cause, ...inner].flatMap(codesOf),
  ]
}

function lastMessage(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  return failure.cause instanceof Error ? lastMessage(failure.cause) : failure.message
}
