import { upstreamCodes } from './upstream-codes.ts'
import type { ErrorCode } from './error-code.ts'

export type { ErrorCode }

/** The one table of error codes: HTTP problems, close reasons, the CLI and `docs/errors.md` all read it. */
export const errorCodes = {
  alg_not_allowed: {
    status: 401,
    message: "The token is signed with '%s'",
    fix: 'Only HS256 is accepted.',
  },
  api_key_not_found: { status: 404, message: "The app has no API key '%s'" },
  app_disabled: { status: 403, message: 'The app is not active' },
  app_not_found: { status: 404, message: "There is no app '%s'" },
  auth_expired: {
    status: 401,
    message: 'The credential expired',
    fix: 'Fetch a fresh token and connect again.',
  },
  auth_in_query: {
    status: 401,
    message: 'A credential in the query is not accepted here',
    fix: 'Send Authorization: Bearer <jwt>, or ?ticket= of POST /api/ws/ticket; ALLOW_QUERY_TOKENS=true would accept it.',
  },
  auth_invalid: {
    status: 401,
    message: 'The credential is not valid: %s',
    fix: 'A token needs exp, sub and a signature by JWT_SECRET, JWT_PUBLIC_KEY or JWKS_URL; a key or ticket must be whole and live.',
  },
  auth_missing: {
    status: 401,
    message: 'No credential was presented',
    fix: 'Send Authorization: Bearer with a JWT or an API key, or X-App-Api-Key (Basic is not taken); pages connect with ?ticket= of POST /api/ws/ticket or the subprotocols switchhook.v1, bearer.<jwt>.',
  },
  bad_cursor: {
    status: 400,
    message: "'%s' is not a cursor",
    fix: 'A cursor is <epoch>:<seq>, as `head` shows it.',
  },
  bad_frame: {
    status: 400,
    message: 'The message is not understood: %s',
    fix: 'Send JSON text {"type","data"}.',
  },
  bad_json: {
    status: 400,
    message: 'What was sent is not JSON',
    fix: 'Names and texts stand in double quotes, and no comma comes last.',
  },
  bad_request: { status: 400, message: '%s' },
  bad_secret: {
    status: 401,
    message: 'The secret in the header %s is not ours',
    fix: "Compare the configured secret with the one in the provider's dashboard.",
  },
  bad_signature: {
    status: 401,
    message: 'The signature does not match the body',
    fix: "Compare the configured key with the one in the provider's portal; nothing may change the body on the way.",
  },
  body_hash_mismatch: {
    status: 401,
    message: 'The signed hash is not that of the body',
    fix: 'Nothing may change the body on the way: look for a proxy that re-encodes it.',
  },
  body_too_large: {
    status: 413,
    message: 'The body is larger than the limit',
    fix: 'Send less; for webhooks WEBHOOK_BODY_LIMIT may be raised.',
  },
  call_not_found: { status: 404, message: "There is no call '%s'" },
  conflict: { status: 409, message: 'The previous request is still under way' },
  connection_expired: {
    status: 409,
    message: 'The connection has expired: %s',
    fix: 'Connect anew: POST /internal/apps/:appId/connections/dialpad.',
  },
  connection_not_configured: {
    status: 503,
    message: 'Connections to Dialpad are not configured: %s is missing',
    fix: 'Set %s.',
  },
  connection_not_found: { status: 404, message: "The app has no connection to '%s'" },
  connection_unavailable: { status: 503, message: 'The provider could not be asked: %s' },
  credentials_not_found: {
    status: 404,
    message: "The app has no credentials of '%s' of its own",
    fix: 'PUT {"credentials":["…"]} here, or set %s for the first app.',
  },
  delivery_not_found: { status: 404, message: "There is no delivery '%s'" },
  delivery_purged: {
    status: 410,
    message: "What the delivery '%s' said was removed",
    fix: 'Raw deliveries are kept for DELIVERY_RETENTION_DAYS.',
  },
  delivery_sealed: {
    status: 500,
    message: "The delivery '%s' cannot be opened: %s",
    fix: 'Give SECRETS_KEY the key back that it was sealed with, as its last value.',
  },
  encoding_not_supported: {
    status: 415,
    message: "Content-Encoding '%s' is not accepted: signatures cover the raw body",
    fix: 'Send the body uncompressed.',
  },
  event_too_large: {
    status: 413,
    message: 'The data of an event takes at most %s bytes, this one more',
    fix: 'Keep it where it is, and publish a link to it.',
  },
  forbidden: { status: 403, message: "'%s' is not yours to see" },
  idempotency_conflict: {
    status: 409,
    message: "The Idempotency-Key '%s' was used already: %s",
    fix: 'Send the same request again, or another one with a key of its own.',
  },
  internal_auth_missing: {
    status: 401,
    message: 'Missing or invalid Authorization header',
    fix: 'Send Authorization: Bearer <INTERNAL_API_SECRET>.',
  },
  internal_auth_wrong: {
    status: 403,
    message: 'Invalid authentication token',
    fix: 'Compare it with INTERNAL_API_SECRET of this service.',
  },
  internal: {
    status: 500,
    message: 'The request failed on our side',
    fix: 'Look for the request id in the log.',
  },
  invalid_parameter: { status: 400, message: '%s' },
  invalid_uuid: { status: 400, message: "'%s' is not a UUID" },
  malformed_header: { status: 401, message: 'The header %s is malformed' },
  mapping_not_found: { status: 404, message: "There is no user mapping '%s'" },
  method_not_allowed: {
    status: 405,
    message: "The provider '%s' does not call with %s",
    fix: 'Set the webhook to %s at the provider.',
  },
  missing_header: { status: 401, message: 'The header %s is missing' },
  missing_payload_hash: {
    status: 401,
    message: 'The token has no payload_hash, so it proves nothing about the body',
    fix: 'Turn on signed webhooks with SHA-256 HMAC at the provider.',
  },
  missing_signature: {
    status: 401,
    message: 'The delivery is not signed: %s',
    fix: 'Give the webhook a secret at the provider.',
  },
  not_found: { status: 404, message: 'There is nothing at %s %s' },
  origin_missing: {
    status: 403,
    message: 'Neither an Origin nor a credential came along',
    fix: 'Pages send Origin by themselves, an address typed into a browser does not; programs send a credential, or the upstream says missingOrigin: allow.',
  },
  origin_not_allowed: {
    status: 403,
    message: "The origin '%s' is not allowed",
    fix: 'To the operator: %s.',
  },
  overload: {
    status: 503,
    message: 'More comes in than can be taken',
    fix: 'Retry after %s s.',
  },
  provider_not_configured: {
    status: 503,
    message: "The provider '%s' has no credential",
    fix: 'Set %s.',
  },
  provider_not_found: { status: 404, message: "There is no provider '%s'" },
  rate_limited: {
    status: 429,
    message: 'Too many requests',
    fix: 'Retry after %s s.',
  },
  resync: {
    status: 410,
    message: 'The events cannot be continued from there: %s',
    fix: 'Read the live calls, then go on after `head`.',
  },
  shutting_down: { status: 503, message: 'The process is draining', fix: 'Retry on another one.' },
  sip_subprotocol_missing: {
    status: 400,
    message: "The subprotocol 'sip' was not offered",
    fix: "Open the socket with it (RFC 7118 §4): new WebSocket(url, 'sip').",
  },
  sip_trace_not_found: { status: 404, message: "Nobody is traced as '%s'" },
  spool_full: {
    status: 503,
    message: 'The store is away and the spool takes no more: %s',
    fix: 'Bring the store back, or make room on the disk of DATA_DIR; retry after %s s.',
  },
  store_unavailable: { status: 503, message: 'The store did not accept the write' },
  supervisors_only: {
    status: 403,
    message: 'That is for supervisors and API keys',
    fix: 'Use an API key, or a token with the role supervisor.',
  },
  timestamp_in_future: {
    status: 401,
    message: 'The signed timestamp lies %s s in the future',
    fix: "Check this machine's clock.",
  },
  timestamp_too_old: {
    status: 401,
    message: 'The signed timestamp is %s s old',
    fix: "Check this machine's clock; an older delivery than 300 s (of Dialpad 900 s) is refused as a replay.",
  },
  token_expired: { status: 401, message: 'The signed token expired %s s ago' },
  unavailable: { status: 503, message: '%s cannot be asked', fix: 'Retry after %s s.' },
  too_many_apps: { status: 409, message: 'There are %s apps, as many as there may be' },
  too_many_mappings: { status: 409, message: 'An app may have %s user mappings' },
  too_many_sip_traces: {
    status: 409,
    message: 'An app may trace %s SIP users at a time',
    fix: 'End one: DELETE /api/sip-trace?aor=….',
  },
  too_many_sockets: {
    status: 429,
    message: 'The user or the app has too many sockets',
    fix: 'Close one, or raise MAX_SOCKETS_PER_USER or MAX_SOCKETS_PER_APP.',
  },
  too_many_subscriptions: {
    status: 400,
    message: 'A socket subscribes to at most %s channels',
    fix: 'Subscribe to calls, agent:* or a team instead of each by itself.',
  },
  unknown_type: { status: 400, message: "There is no message type '%s'" },
  unparseable_body: { status: 401, message: 'The body cannot be read: %s' },
  unsupported_media_type: {
    status: 415,
    message: "The content type '%s' is not read here",
    fix: 'Send JSON, with Content-Type: application/json.',
  },
  unsupported_subprotocol: {
    status: 400,
    message: "None of the subprotocols '%s' is spoken here",
    fix: 'Offer %s, or no subprotocol at all.',
  },
  unsupported_websocket_version: { status: 426, message: 'Only WebSocket version 13 is spoken' },
  voicemail_not_found: { status: 404, message: "There is no voicemail '%s'" },
  wrong_application: {
    status: 401,
    message: "The delivery is of the application '%s', which is not configured here",
  },
  websocket_not_here: {
    status: 426,
    message: '%s is not a WebSocket route',
    fix: 'Connect to /ws.',
  },
  websocket_required: {
    status: 426,
    message: '%s speaks WebSocket only',
    fix: 'Connect with a WebSocket client.',
  },
  ...upstreamCodes,
} as const satisfies Record<string, ErrorCode>

export type Code = keyof typeof errorCodes
