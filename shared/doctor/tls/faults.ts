import { fault, type Finding } from '../finding.ts'
import { printable } from '../printable.ts'
import type { Place } from './place.ts'

/** Why there is no TLS at all: by what OpenSSL or Node calls it. */
interface Words {
  readonly is: RegExp
  readonly says: string
  readonly fix: string
}

const words: readonly Words[] = [
  {
    is: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE|BAD_PACKET/,
    says: 'what listens there does not speak TLS: it answers in plain text',
    fix: 'Use the port that does (Asterisk 8089, FreeSWITCH 7443), or ws:// instead of wss:// on this one.',
  },
  {
    is: /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE/,
    says: 'the two share no version of TLS',
    fix: 'Let the PBX speak TLS 1.2 or 1.3 (Asterisk: tlsdisablev1=yes, tlsdisablev11=yes with a current OpenSSL).',
  },
  {
    is: /UNRECOGNIZED_NAME/,
    says: 'it serves nothing by that name',
    fix: 'Use the name it is configured with, or --servername to ask for another one.',
  },
  {
    is: /CERTIFICATE_REQUIRED|BAD_CERTIFICATE/,
    says: 'it demands a certificate of the client',
    fix: 'Let it take clients without one (Asterisk: verify_client=no; Kamailio: verify_client = off).',
  },
  {
    is: /HANDSHAKE_FAILURE|NO_SHARED_CIPHER/,
    says: 'the two share no cipher, or it has no certificate for that name',
    fix: 'Look whether it has a certificate and key at all, and into its list of ciphers.',
  },
]

/** What a failed TLS handshake means. */
export function tlsFault(error: unknown, { name, servername }: Place, timeoutMs: number): Finding {
  const { code = '', message, name: kind } = error as NodeJS.ErrnoException
  if (kind === 'TimeoutError' || kind === 'AbortError') {
    return fault(
      'upstream_timeout',
      `${name} takes the connection and says nothing: TLS took longer than ${timeoutMs} ms`,
      'Look whether the port speaks TLS at all, and whether the PBX hangs.',
    )
  }
  if (['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code)) {
    return fault(
      'upstream_tls_failed',
      `${name} closes the connection before TLS is agreed on (${code})`,
      'Look for a firewall that inspects TLS, for a port without TLS, and into the log of the PBX: it may have no certificate.',
    )
  }
  const known = words.find(({ is }) => is.test(code) || is.test(message))
  const says = known?.says ?? printable(message)
  return fault(
    'upstream_tls_failed',
    `${name} does not agree on TLS (asked for ${servername}): ${says}${code ? ` (${code})` : ''}`,
    known?.fix ?? 'Look into the log of the PBX.',
  )
}
