import { verifySignature } from '@vonage/jwt'
import {
  jsonContent,
  readFolder,
  type Fixture,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import type { Delivery } from '@switchhook/shared/providers'

/** The deliveries of Vonage, with its own library as the judge of tokens. */
export function vonageFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('vonage')
  const credential = (name: string): string => keys[name]!.signature_secret!
  return {
    deliveries: deliveries.map(withoutJudge),
    credential,
    credentials: ({ config }) => (config.secrets as string[]).map(credential),
    settings: () => ({ applicationId: keys.primary!.application_id }),
    vendorAccepts: async (delivery, key) => vonageAccepts(delivery, key),
    signedParts: () => ['body', 'authorization'],
    content: jsonContent,
  }
}

/** The verdict of the vendor's library, which looks at the token and at nothing else. */
export function vonageAccepts({ headers }: Delivery, key: string): boolean {
  return verifySignature(String(headers.authorization ?? '').replace('Bearer ', ''), key)
}

/** Where no token is sent the library has nothing to judge. */
function withoutJudge(fixture: Fixture): Fixture {
  const hasToken = fixture.request.headers.some(([name]) => name.toLowerCase() === 'authorization')
  return hasToken ? fixture : { ...fixture, oracle: { accepts: null } }
}
