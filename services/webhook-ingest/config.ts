import { Type, type Static, type TObject } from 'typebox'
import { providers, type Provider } from '@switchhook/shared/providers'
import { answerMistakes, Options as Answer } from './answer/index.ts'
import { connectionMistakes, Options as Connections } from './connections/index.ts'
import type { Configured } from './endpoints.ts'

interface Mistake {
  readonly name: string
  readonly reason: string
}

export const Options = Type.Object({
  bodyLimit: Type.Integer({
    env: 'WEBHOOK_BODY_LIMIT',
    default: 2_097_152,
    minimum: 1_024,
    description: 'Largest webhook body, bytes.',
  }),
  unverifiedPerMinute: Type.Integer({
    env: 'RATE_LIMIT_WEBHOOKS',
    default: 1_000,
    minimum: 1,
    description:
      'Webhooks per minute and address that may fail verification before they get 429; verified ones are never limited.',
  }),
  spoolLimit: Type.Integer({
    env: 'SPOOL_LIMIT',
    default: 1_073_741_824,
    minimum: 1_048_576,
    description:
      'Bytes of deliveries kept in `DATA_DIR/spool` while the store is away; when it is full, webhooks get 503.',
  }),
  deliveryRetentionDays: Type.Number({
    env: 'DELIVERY_RETENTION_DAYS',
    default: 7,
    minimum: 0,
    description: 'Days that raw deliveries are kept; 0 keeps them for ever.',
  }),
  eventRetentionDays: Type.Number({
    env: 'EVENT_RETENTION_DAYS',
    default: 30,
    minimum: 0,
    description:
      'Days that events are kept, and ended calls and voicemails with them; 0 keeps them for ever.',
  }),
  auditRetentionDays: Type.Number({
    env: 'AUDIT_RETENTION_DAYS',
    default: 400,
    minimum: 0,
    description: 'Days that the audit log is kept; 0 keeps it for ever.',
  }),
  staleCallHours: Type.Number({
    env: 'STALE_CALL_HOURS',
    default: 4,
    minimum: 0,
    description: 'A call without an event for so long is ended with the reason `stale`; 0 never.',
  }),
  silenceMinutes: Type.Number({
    env: 'PROVIDER_SILENCE_MINUTES',
    default: 1_440,
    minimum: 0,
    description:
      'A provider that delivered before and then not for so long shows as a warning in `/health`; 0 never.',
  }),
  answer: Answer,
  connections: Connections,
  endpoints: Type.Object(
    Object.fromEntries(providers.map((provider) => [provider.name, endpointOptions(provider)])),
  ),
})

export type Options = Static<typeof Options>

/** What the environment may say of one provider. */
function endpointOptions({ name, credentialName, Settings }: Provider): TObject {
  return Type.Object({
    credentials: Type.Array(Type.String(), {
      env: credentialName,
      separator: ',',
      secret: true,
      default: [],
      description: `Credentials of the first app's ${name} endpoint; \`a,b\` are both accepted while you rotate. Without one the endpoint answers 503.`,
    }),
    ...Settings.properties,
  })
}

/** Mistakes a schema cannot see. */
export function ingestMistakes(options: Options, publicUrl?: string): Mistake[] {
  return [
    ...credentialMistakes(options),
    ...answerMistakes(options.answer),
    ...connectionMistakes(options.connections, publicUrl),
  ]
}

/** Credentials that could never verify anything, alone or with the settings beside them. */
function credentialMistakes(options: Options): Mistake[] {
  return providers.flatMap((provider) => {
    const { credentials, ...settings } = configuredFor(options, provider)
    const reasons = credentials.map((credential) => provider.checkCredential(credential))
    const wrong = reasons.filter((reason) => reason !== null)
    if (wrong.length === 0 && credentials.length > 0) {
      wrong.push(...unusable(() => provider.verifier(credentials, settings)))
    }
    return wrong.map((reason) => ({ name: provider.credentialName, reason }))
  })
}

function unusable(build: () => unknown): string[] {
  try {
    build()
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** The endpoint of the first app as the environment has it. */
export function configuredFor({ endpoints }: Options, { name }: Provider): Configured {
  // The schema is made of the list of providers, which its type cannot tell.
  return endpoints[name] as unknown as Configured
}
