import { Type, type Static } from 'typebox'

/** The path of what is written out where a client gives an id. */
export const placeholder = '{id}'

/** A name of DNS, an IPv4 address, or what stands in a file of hosts. */
const name = '[A-Za-z0-9](?:[A-Za-z0-9._\\-]*[A-Za-z0-9])?'
const address6 = '\\[[0-9A-Fa-f:.]+\\]'
const port = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'

const flag = (value: boolean, description: string) =>
  Type.Optional(Type.Boolean({ default: value, description }))

const choice = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Optional(Type.Enum([...words] as Words[number][], { default: words[0]!, description }))

/** Whom the certificates of an upstream are believed for. */
const Tls = Type.Object(
  {
    trust: choice(
      ['system', 'extraCa', 'pin', 'insecure'],
      'Whom its certificate is believed for: the authorities of the system, those and more, one of these keys, or anybody.',
    ),
    ca: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        maxItems: 16,
        description: 'PEM files of further roots and intermediates, as seen from this file.',
        examples: [['certs/root.pem']],
      }),
    ),
    pins: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^sha256/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$',
          mistake: 'must be sha256/ and the 44 characters of a SHA-256 in base64',
        }),
        {
          minItems: 1,
          maxItems: 16,
          description: 'SHA-256 of the public keys it may have; two while a key is exchanged.',
          examples: [['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']],
        },
      ),
    ),
    servername: Type.Optional(
      Type.String({
        pattern: `^${name}$`,
        maxLength: 253,
        mistake: 'must be a host name',
        description: 'The name its certificate is for, if that is another one than in the target.',
        examples: ['pbx.example.com'],
      }),
    ),
  },
  { additionalProperties: false, description: 'How its certificates are checked.' },
)

/** An upstream as it is written. */
export const Entry = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}$',
      mistake: 'must be 1 to 64 letters, digits, dots, dashes or underscores',
      description: 'Clients may ask for it by this name.',
      examples: ['office'],
    }),
    match: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description:
          'Regular expression that an id fits as a whole. Clients may ask for the upstream by such an id, which takes the place of {id}.',
        examples: ['^[0-9]{1,6}$'],
      }),
    ),
    targets: Type.Array(Type.String({ maxLength: 1_000 }), {
      minItems: 1,
      maxItems: 8,
      description: 'WebSocket URLs of the PBX, in the order they are tried.',
      examples: [['wss://pbx.example.com:8089/ws']],
    }),
    tls: Type.Optional(Tls),
    auth: choice(
      ['optional', 'required'],
      'Whether a client has to present a user token to open a socket.',
    ),
    missingOrigin: choice(
      ['refuse', 'allow'],
      'What a client gets that has neither an Origin, as pages do, nor a token.',
    ),
    allowPrivate: flag(false, 'Whether its targets may have addresses that are not public.'),
    sipDomain: Type.Optional(
      Type.String({
        pattern: `^(?:(?:[A-Za-z0-9._\\-]|\\{id\\})+|${address6})$`,
        maxLength: 253,
        mistake: 'must be a host name, in which {id} may stand',
        description: 'The domain of its SIP addresses, for clients that ask `/api/config`.',
        examples: ['pbx.example.com'],
      }),
    ),
    origin: Type.Optional(
      Type.String({
        pattern: `^https?://(?:${name}|${address6})(?::${port})?$`,
        maxLength: 300,
        mistake: 'must be an origin: a scheme and a host, without a path',
        description: 'What is sent to it as Origin; nothing if not set.',
        examples: ['https://pbx.example.com'],
      }),
    ),
    maxSockets: Type.Optional(
      Type.Integer({
        default: 1_000,
        minimum: 1,
        maximum: 1_000_000,
        description: 'Sockets it may have from this process.',
      }),
    ),
    contactHost: Type.Optional(
      Type.String({
        pattern: `^(?:${name}|${address6})(?::${port})?$`,
        maxLength: 260,
        mistake: 'must be a host, with a port if it needs one',
        description:
          'Put into Contacts in place of `….invalid`, for a PBX that cannot cope with those, and taken out again on the way back.',
        examples: ['sip.example.com:5060'],
      }),
    ),
    app: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        mistake: 'must be the id of an app: a UUID in lower case',
        description: 'The app its registrations belong to; the first one if not set.',
        examples: ['00000000-0000-4000-8000-000000000000'],
      }),
    ),
  },
  { additionalProperties: false, description: 'A PBX, or several that stand in for each other.' },
)

export type Entry = Static<typeof Entry>

/** The whole file. */
export const UpstreamsFile = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'Where an editor finds this schema.' })),
    upstreams: Type.Array(Entry, {
      maxItems: 1_000,
      description: 'Asked for an id, the first one that fits answers.',
    }),
  },
  { additionalProperties: false },
)
export type UpstreamsFile = Static<typeof UpstreamsFile>
