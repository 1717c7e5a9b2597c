import type { ErrorCode } from './error-code.ts'

/** Why a PBX cannot be reached, trusted or talked to: each shows as the same 1006 in a browser. */
export const upstreamCodes = {
  upstream_bad_request: {
    status: 502,
    message: '%s answers 400 to the WebSocket handshake',
    fix: 'Its path or its subprotocol is another one: switchhook doctor sip finds out which.',
  },
  upstream_certificate_early: {
    status: 502,
    message: 'The certificate of %s is valid only from %s',
    fix: "Check this machine's clock.",
  },
  upstream_certificate_expired: {
    status: 502,
    message: 'The certificate of %s expired on %s',
    fix: 'Renew it at the PBX, and let the PBX load it.',
  },
  upstream_chain_incomplete: {
    status: 502,
    message: "%s sends its certificate without that of the issuer '%s'%s",
    fix: 'Let the PBX send the full chain, or give us what is missing: switchhook doctor tls %s prints the setting.',
  },
  upstream_failed: {
    status: 502,
    message: '%s answers %s to the WebSocket handshake',
    fix: 'Look into its log.',
  },
  upstream_forbidden: {
    status: 502,
    message: '%s refuses the WebSocket handshake: %s',
    fix: 'It asks for an Origin or a login: set `origin` on the upstream, or let the address of this machine pass.',
  },
  upstream_full: {
    status: 503,
    message: "The upstream '%s' has as many sockets as it may have",
    fix: 'Raise its maxSockets, and the limit of the PBX (Asterisk: sessionlimit in http.conf).',
  },
  upstream_issuer_unknown: {
    status: 502,
    message: "The certificate of %s leads to the issuer '%s', which is not trusted here",
    fix: 'For a private authority give its root: tls: { trust: extraCa, ca: [root.pem] }.',
  },
  upstream_name_mismatch: {
    status: 502,
    message: 'The certificate of %s is not for %s, but for %s',
    fix: 'Call the PBX by a name of its certificate, or set tls.servername to one.',
  },
  upstream_not_found: {
    status: 404,
    message: "There is no upstream '%s'",
    fix: 'Ask for one by a name in SIP_UPSTREAMS_FILE, or by an id that its `match` allows.',
  },
  upstream_not_websocket: {
    status: 502,
    message: '%s does not speak SIP over WebSocket: %s',
    fix: 'switchhook doctor sip looks for the path and port that does.',
  },
  upstream_path_not_found: {
    status: 502,
    message: '%s answers 404 to the WebSocket handshake',
    fix: 'Its path is another one: usually /ws. switchhook doctor sip finds out.',
  },
  upstream_pin_mismatch: {
    status: 502,
    message: 'The key of %s is none of its pins, but %s',
    fix: 'If the PBX has a new key, add this one to tls.pins; otherwise somebody else answers in its place.',
  },
  upstream_private: {
    status: 502,
    message: "'%s' resolves to %s, which is not a public address",
    fix: 'If that is meant, set allowPrivate: true on the upstream; metadata services of clouds stay refused.',
  },
  upstream_redirected: {
    status: 502,
    message: '%s redirects to %s; redirects are not followed',
    fix: 'If that is meant, make it the target.',
  },
  upstream_self_signed: {
    status: 502,
    message: 'The certificate of %s is signed by itself',
    fix: "Trust its key: tls: { trust: pin, pins: ['%s'] }.",
  },
  upstream_timeout: {
    status: 504,
    message: '%s does not answer: %s took longer than %s ms',
    fix: 'Look for a firewall that drops packets, or for a PBX that hangs.',
  },
  upstream_tls_failed: {
    status: 502,
    message: '%s does not agree on TLS: %s',
    fix: 'Look whether the port speaks TLS at all (8089, not 8088), and TLS 1.2 or later.',
  },
  upstream_unreachable: {
    status: 502,
    message: '%s cannot be reached: %s',
    fix: 'Look whether the PBX runs and listens there, and whether a firewall refuses.',
  },
  upstream_unresolved: {
    status: 502,
    message: "The name '%s' has no address: %s",
    fix: 'Compare the name with that of the PBX; ask the DNS server of this machine for it.',
  },
} as const satisfies Record<string, ErrorCode>
