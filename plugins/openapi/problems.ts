import { STATUS_CODES } from 'node:http'
import { Type } from 'typebox'
import { CodedError, errorCodes, type Code, type ErrorDetails } from '@switchhook/shared/errors'

/** Every answer that refuses (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: '`urn:switchhook:error:` and the code.' }),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer({ description: 'The status of the answer.' }),
    code: Type.String({ description: 'What to decide by; stable. All are in docs/errors.md.' }),
    detail: Type.String({ description: 'What happened, for people; may change.' }),
    fix: Type.Optional(Type.String({ description: 'What helps.' })),
    parameter: Type.Optional(Type.String({ description: 'The one that is wrong.' })),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: 'Each mistake, where there are several.',
      }),
    ),
    requestId: Type.String({ description: 'Stands in the log as well.' }),
    error: Type.Optional(
      Type.String({ description: 'Of 401 and 403 below `/internal`: as `title`.' }),
    ),
    message: Type.Optional(
      Type.String({ description: 'Of 401 and 403 below `/internal`: as `detail`.' }),
    ),
  },
  { title: 'Problem', description: 'Why a request was refused.' },
)

/** Codes that come as a close reason or an `error` frame, and never as the answer to a request. */
const ofSockets = new Set<Code>([
  'bad_frame',
  'too_many_sockets',
  'too_many_subscriptions',
  'unknown_type',
  'unsupported_subprotocol',
])

/** Codes of deliveries that prove nothing. */
const ofDeliveries = new Set<Code>([
  'alg_not_allowed',
  'bad_secret',
  'bad_signature',
  'body_hash_mismatch',
  'malformed_header',
  'missing_header',
  'missing_payload_hash',
  'missing_signature',
  'timestamp_in_future',
  'timestamp_too_old',
  'token_expired',
  'unparseable_body',
  'wrong_application',
])

const ofOperators = new Set<Code>(['internal_auth_missing', 'internal_auth_wrong'])

const shown = (code: Code, details?: ErrorDetails): CodedError => new CodedError(code, details)

interface Refusal {
  readonly status: number
  readonly description: string
  /** The one that is shown. */
  readonly example: CodedError
  readonly allows?: (code: Code) => boolean
}

/** What requests are refused with, by the name of the component. */
const refusals: Readonly<Record<string, Refusal>> = {
  BadRequest: {
    status: 400,
    description: 'The request is not as it has to be; nothing was done.',
    example: shown('invalid_parameter', {
      args: ['limit: must be <= 200'],
      parameter: 'limit',
    }),
  },
  Unauthorized: {
    status: 401,
    description: 'There is no credential, or it is worth nothing.',
    example: shown('auth_missing'),
    allows: (code) => !ofOperators.has(code) && !ofDeliveries.has(code),
  },
  OperatorUnauthorized: {
    status: 401,
    description: 'There is no bearer.',
    example: shown('internal_auth_missing'),
    allows: (code) => ofOperators.has(code),
  },
  Unproven: {
    status: 401,
    description: 'The delivery does not prove that the provider sent it.',
    example: shown('bad_signature'),
    allows: (code) => ofDeliveries.has(code),
  },
  Forbidden: {
    status: 403,
    description: 'The credential is good, and not enough.',
    example: shown('app_disabled'),
    allows: (code) => !ofOperators.has(code),
  },
  OperatorForbidden: {
    status: 403,
    description: 'The bearer is not that of this suite.',
    example: shown('internal_auth_wrong'),
    allows: (code) => ofOperators.has(code),
  },
  NotFound: {
    status: 404,
    description: 'There is no such thing, or it is of another app.',
    example: shown('app_not_found', {
      args: ['019aa46c-0a11-7ac9-9312-a62874e8e951'],
      parameter: 'appId',
    }),
  },
  Conflict: {
    status: 409,
    description: 'It does not fit what is there now.',
    example: shown('conflict'),
  },
  Gone: {
    status: 410,
    description: 'It was there, and is no more.',
    example: shown('resync', { args: ['too_old'], parameter: 'after' }),
  },
  TooLarge: {
    status: 413,
    description: 'The body is larger than what is taken.',
    example: shown('body_too_large'),
  },
  TooMany: {
    status: 429,
    description: 'More requests than the limit allows; `Retry-After` says when to come back.',
    example: shown('rate_limited', { args: [7] }),
  },
  Unavailable: {
    status: 503,
    description: 'It cannot be done now; `Retry-After`, if it is there, says when to come back.',
    example: shown('unavailable', { args: ['The store', 5] }),
  },
}

/** The refusals as components; each names the codes it may carry. */
export function problemResponses() {
  return Object.fromEntries(
    Object.entries(refusals).map(([name, refusal]) => [name, responseOf(refusal)]),
  )
}

/** Of a refusal by its name, as the answers of an operation have it. */
export function refusedAs(name: string) {
  return [String(refusals[name]!.status), { $ref: `#/components/responses/${name}` }] as const
}

function responseOf({ status, description, example, allows = () => true }: Refusal) {
  const codes = (Object.keys(errorCodes) as Code[])
    .filter((code) => errorCodes[code].status === status && !ofSockets.has(code) && allows(code))
    .toSorted()
    .map((code) => `\`${code}\``)
  return {
    description: `${description} Codes: ${codes.join(', ')}.`,
    ...(status === 429 && {
      headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
    }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: exampleOf(example),
      },
    },
  }
}

function exampleOf({ code, statusCode: status, message: detail, fix, parameter }: CodedError) {
  const title = STATUS_CODES[status]!
  return {
    type: `urn:switchhook:error:${code}`,
    title,
    status,
    code,
    detail,
    ...(fix !== undefined && { fix }),
    ...(parameter !== undefined && { parameter }),
    requestId: 'req-1',
    ...(code.startsWith('internal_auth') && { error: title, message: detail }),
  }
}
