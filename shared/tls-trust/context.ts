import { constants } from 'node:crypto'
import {
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import type { Trust } from './trust.ts'

/** Reading all roots takes tens of milliseconds, so each is read once; those of files go with their trust. */
const contexts = new WeakMap<Trust, SecureContext>()
const system: Trust = { trust: 'system' }
const nobody: Trust = { trust: 'insecure' }

/** What a trust means to OpenSSL, in a context that no other trust shares. */
export function contextOf(trust: Trust): SecureContext {
  if (trust.trust === 'system') return contextFor(system)
  // OpenSSL is not asked about a pin.
  return contextFor(trust.trust === 'extraCa' ? trust : nobody)
}

function contextFor(trust: Trust): SecureContext {
  const known = contexts.get(trust)
  if (known) return known
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    // Who was judged stays who answers.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...authoritiesOf(trust),
  })
  contexts.set(trust, context)
  return context
}

function authoritiesOf(trust: Trust): SecureContextOptions {
  if (trust.trust === 'system') return { ca: systemRoots() }
  if (trust.trust !== 'extraCa') return { ca: [] }
  // What somebody gave by hand is believed without its own issuer: an intermediate of a private root needs no root.
  return { ca: [...systemRoots(), ...trust.ca], allowPartialTrustChain: true }
}

/** Those that come with Node.js, those of `NODE_EXTRA_CA_CERTS`, and those of the machine. */
function systemRoots(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}
