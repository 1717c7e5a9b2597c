import { createHmac } from 'node:crypto'
import { jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import {
  readFolder,
  type Fixture,
  type ProviderFixtures,
} from '../../contracts/provider-fixtures.ts'
import type { Delivery } from '@switchhook/shared/providers'

const signatureHeader = 'x-dialpad-signature'

/** The deliveries of Dialpad, which ships no verifier: two libraries for tokens judge together. */
export function dialpadFixtures(): ProviderFixtures {
  const { deliveries, keys } = readFolder('dialpad')
  const credential = (name: string): string => keys[name]!.secret!
  return {
    // First one with a header: the others have none to fuzz.
    deliveries: deliveries
      .map(withOracle)
      .toSorted((a, b) => Number(isByHeader(b)) - Number(isByHeader(a))),
    credential,
    credentials: ({ config, expect }, rotated) => {
      const names = (config.secrets as string[]).concat(
        rotated ? [] : ((expect.needs_config?.secrets as string[] | undefined) ?? []),
      )
      return [...new Set(names)].map(credential)
    },
    settings: ({ config }) => ({
      scheme: config.scheme === 'jwt-hs256' ? 'jwt' : 'hmac-sha256-header',
    }),
    vendorAccepts: async (delivery, key) =>
      delivery.body.includes('{')
        ? hmacAccepts(delivery, key)
        : tokenAccepted(tokenIn(delivery), key),
    signedParts: (fixture) => (isByHeader(fixture) ? ['body', signatureHeader] : ['body']),
    content: {
      read: ({ body }) => JSON.parse(jsonIn(body.toString())) as unknown,
      write: (delivery, content) => {
        const json = JSON.stringify(content)
        const [header, , signature] = tokenIn(delivery).split('.')
        const isToken = !delivery.body.includes('{')
        const token = `${header}.${Buffer.from(json).toString('base64url')}.${signature}`
        return { ...delivery, body: Buffer.from(isToken ? token : json) }
      },
    },
  }
}

/** Whether both jose and jsonwebtoken, pinned to HS256, accept a token; both by the clock of Date.now. */
export async function tokenAccepted(token: string, key: string): Promise<boolean> {
  const byJose = await jwtVerify(token, Buffer.from(key), { algorithms: ['HS256'] }).then(
    () => true,
    () => false,
  )
  return byJose && jsonwebtokenAccepts(token, key)
}

function jsonwebtokenAccepts(token: string, key: string): boolean {
  try {
    const claims = jsonwebtoken.verify(token, key, { algorithms: ['HS256'] })
    return typeof claims === 'object'
  } catch {
    return false
  }
}

function hmacAccepts({ headers, body }: Delivery, key: string): boolean {
  const header = String(headers[signatureHeader] ?? '')
  return (['hex', 'base64'] as const).some((encoding) => {
    const expected = createHmac('sha256', key).update(body).digest(encoding)
    return header === expected || header === `sha256=${expected}`
  })
}

function tokenIn({ body }: Delivery): string {
  return body.toString().trim().replaceAll('"', '')
}

function jsonIn(text: string): string {
  if (text.startsWith('{')) return text
  return Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()
}

function isByHeader({ config }: Fixture): boolean {
  return config.scheme === 'hmac-sha256-header'
}

/** A delivery that is not signed has no judge. */
function withOracle(fixture: Fixture): Fixture {
  const oracle = fixture.oracle as Fixture['oracle'] | null
  return oracle ? fixture : { ...fixture, oracle: { accepts: null } }
}
