import { Type, type Static } from 'typebox'

export const Settings = Type.Object({
  applicationId: Type.Optional(
    Type.String({
      pattern: '^[\\w-]{1,64}$',
      env: 'VONAGE_APPLICATION_ID',
      description:
        'The id of the only Vonage application whose events are taken. Any of the account if not set: they share its signature secret.',
    }),
  ),
})

/** Which application an endpoint is for. */
export type Settings = Static<typeof Settings>
