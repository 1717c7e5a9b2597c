import {
  deliveryOf,
  jsonContent,
  readFolder,
  type Fixture,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'

/** How the fixtures call the schemes, what we call them, and which key proves them. */
const schemes: Readonly<Record<string, { scheme: string; key: string; field: string }>> = {
  'x-vapi-secret': { scheme: 'secret', key: 'x_vapi_secret', field: 'secret' },
  bearer: { scheme: 'bearer', key: 'bearer', field: 'token' },
  hmac: { scheme: 'hmac', key: 'hmac', field: 'secret' },
}

/** The deliveries of Vapi, which ships no verifier of its own. */
export function vapiFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('vapi')
  return {
    // First one that is signed: a secret in a header proves any body, also one made up around it.
    deliveries: deliveries.toSorted((a, b) => Number(isSigned(b)) - Number(isSigned(a))),
    credential: (name) => keys[name]!.secret!,
    credentials: (fixture) => {
      const { key, field } = schemeOf(fixture)
      return [keys[key]![field]!]
    },
    settings: (fixture) => ({ scheme: schemeOf(fixture).scheme }),
    signedParts: (fixture) => {
      if (isSigned(fixture)) return ['body', 'x-timestamp', 'x-signature']
      const { headers } = deliveryOf(fixture)
      return ['authorization', 'x-vapi-secret'].filter((name) => headers[name] !== undefined)
    },
    content: jsonContent,
  }
}

function schemeOf({ config }: Fixture) {
  return schemes[String(config.scheme)]!
}

function isSigned({ config }: Fixture): boolean {
  return config.scheme === 'hmac'
}
