import { Type, type TObject } from 'typebox'
import type { Provider } from '../../providers/index.ts'

/** What the environment says of a provider, as the service reads it. */
export interface Configured {
  /** What deliveries are verified with. */
  readonly credentials: readonly string[]
  /** What they are signed with, where that is something else. */
  readonly signingKeys: readonly string[]
  readonly settings: object
}

/** The schema of `Configured`, for whoever reads the environment. */
export function environmentOf({ credentialName, simulator, Settings }: Provider): TObject {
  const { signingKeyName } = simulator
  return Type.Object({
    credentials: values(credentialName),
    // An empty list where the scheme is symmetric.
    signingKeys:
      signingKeyName === credentialName
        ? Type.Array(Type.String(), { default: [] })
        : values(signingKeyName),
    settings: Type.Object(Settings.properties),
  })
}

function values(env: string) {
  return Type.Array(Type.String(), { env, separator: ',', secret: true, default: [] })
}
