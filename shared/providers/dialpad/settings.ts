import { Type, type Static } from 'typebox'

export const Settings = Type.Object({
  scheme: Type.Union([Type.Literal('jwt'), Type.Literal('hmac-sha256-header')], {
    env: 'DIALPAD_SIGNATURE',
    default: 'jwt',
    description:
      'How deliveries are signed: `jwt` as Dialpad documents it, or `hmac-sha256-header` for a gateway that signs the JSON in `x-dialpad-signature`.',
  }),
})

/** How the deliveries of an endpoint are signed; a JWT if it is not said. */
export type Settings = Partial<Static<typeof Settings>>
