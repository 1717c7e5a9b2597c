import { Type, type Static } from 'typebox'
import { providers } from '@switchhook/shared/providers'

const credentials = Type.Object(
  Object.fromEntries(
    providers.map(({ name, credentialName }) => [
      name,
      Type.Array(Type.String(), {
        env: credentialName,
        separator: ',',
        secret: true,
        default: [],
        description: `Credentials of the first app's ${name} endpoint; \`a,b\` are both accepted while you rotate. Without one the endpoint answers 503.`,
      }),
    ]),
  ),
)

export const Options = Type.Object({
  bodyLimit: Type.Integer({
    env: 'WEBHOOK_BODY_LIMIT',
    default: 2_097_152,
    minimum: 1_024,
    description: 'Largest webhook body, bytes.',
  }),
  credentials,
})

export type Options = Static<typeof Options>

/** Mistakes a schema cannot see: credentials that could never verify anything. */
export function credentialMistakes(options: Options): { name: string; reason: string }[] {
  return providers.flatMap((provider) =>
    (options.credentials[provider.name] ?? []).flatMap((credential) => {
      const reason = provider.checkCredential(credential)
      return reason === null ? [] : [{ name: provider.credentialName, reason }]
    }),
  )
}
