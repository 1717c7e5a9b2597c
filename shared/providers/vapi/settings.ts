import { Type, type Static } from 'typebox'

const defaults = {
  algorithm: 'sha256',
  signatureHeader: 'x-signature',
  timestampHeader: 'x-timestamp',
  messageIdHeader: 'svix-id',
  signaturePrefix: '',
  includeTimestamp: true,
  payloadFormat: '{timestamp}.{body}',
  signatureEncoding: 'hex',
  secretIsBase64: false,
} as const

/** RFC 9110 §5.1. */
const headerName = "^[!#-'*+.^_`|~0-9A-Za-z-]+$"
/** Text and placeholders, with the body among them: a signature of anything less proves nothing about it. */
const format = '^(?=[^]*\\{body\\})(?:[^{}]|\\{(?:body|timestamp|method|url|svix-id)\\})*$'

const Hmac = Type.Object(
  {
    algorithm: Type.Optional(
      Type.Union([Type.Literal('sha256'), Type.Literal('sha512'), Type.Literal('sha1')], {
        env: 'VAPI_HMAC_ALGORITHM',
        default: defaults.algorithm,
        description: '`algorithm` of the HMAC credential at Vapi.',
      }),
    ),
    signatureHeader: header('VAPI_HMAC_SIGNATURE_HEADER', 'signatureHeader'),
    timestampHeader: header('VAPI_HMAC_TIMESTAMP_HEADER', 'timestampHeader'),
    messageIdHeader: header('VAPI_HMAC_MESSAGE_ID_HEADER', 'messageIdHeader'),
    signaturePrefix: Type.Optional(
      Type.String({
        env: 'VAPI_HMAC_SIGNATURE_PREFIX',
        default: defaults.signaturePrefix,
        description: '`signaturePrefix` of the HMAC credential at Vapi, such as `sha256=`.',
      }),
    ),
    includeTimestamp: Type.Optional(
      Type.Boolean({
        env: 'VAPI_HMAC_INCLUDE_TIMESTAMP',
        default: defaults.includeTimestamp,
        description:
          '`includeTimestamp` of the HMAC credential at Vapi; without it an old delivery cannot be told from a new one.',
      }),
    ),
    payloadFormat: Type.Optional(
      Type.String({
        pattern: format,
        env: 'VAPI_HMAC_PAYLOAD_FORMAT',
        default: defaults.payloadFormat,
        description:
          '`payloadFormat` of the HMAC credential at Vapi: text with `{body}`, `{timestamp}`, `{method}`, `{url}` and `{svix-id}`.',
      }),
    ),
    signatureEncoding: Type.Optional(
      Type.Union([Type.Literal('hex'), Type.Literal('base64')], {
        env: 'VAPI_HMAC_SIGNATURE_ENCODING',
        default: defaults.signatureEncoding,
        description: '`signatureEncoding` of the HMAC credential at Vapi.',
      }),
    ),
    secretIsBase64: Type.Optional(
      Type.Boolean({
        env: 'VAPI_HMAC_SECRET_IS_BASE64',
        default: defaults.secretIsBase64,
        description:
          '`secretIsBase64` of the HMAC credential at Vapi; `whsec_` may then stand before the secret.',
      }),
    ),
  },
  // As a whole too: who says nothing of it gets all of it.
  { additionalProperties: false, default: defaults },
)

export const Settings = Type.Object({
  scheme: Type.Union([Type.Literal('secret'), Type.Literal('bearer'), Type.Literal('hmac')], {
    env: 'VAPI_AUTH',
    default: 'secret',
    description:
      'How Vapi proves itself: `secret` in `X-Vapi-Secret`, `bearer` in `Authorization`, or `hmac`.',
  }),
  hmac: Hmac,
  publicUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      env: 'VAPI_PUBLIC_URL',
      description:
        'The exact URL Vapi calls, for a payload format with `{url}`. PUBLIC_URL and the path if not set.',
    }),
  ),
})

/** How an account at Vapi has its webhooks authenticated. */
export type Settings = Partial<Static<typeof Settings>>

/** An HMAC credential at Vapi, every part of it. */
export type Plan = Required<Static<typeof Hmac>>

/** The plan that settings mean; names of headers in lower case. */
export function planOf({ hmac }: Settings): Plan {
  const plan = { ...defaults, ...hmac }
  return {
    ...plan,
    signatureHeader: plan.signatureHeader.toLowerCase(),
    timestampHeader: plan.timestampHeader.toLowerCase(),
    messageIdHeader: plan.messageIdHeader.toLowerCase(),
    payloadFormat: formatOf(plan),
  }
}

/** @throws Error if it is said twice, and not the same */
function formatOf({ includeTimestamp, payloadFormat }: Plan): string {
  if (includeTimestamp || !payloadFormat.includes('{timestamp}')) return payloadFormat
  if (payloadFormat === defaults.payloadFormat) return '{body}'
  throw new Error('The payload format of Vapi has a {timestamp}, and includeTimestamp is false')
}

function header(env: string, key: 'signatureHeader' | 'timestampHeader' | 'messageIdHeader') {
  const description = `\`${key}\` of the HMAC credential at Vapi.`
  return Type.Optional(
    Type.String({ pattern: headerName, env, default: defaults[key], description }),
  )
}
