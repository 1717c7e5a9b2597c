import { createHmac, timingSafeEqual } from 'node:crypto'

/** All servers of a run take the same tokens, so that the same client can connect to each. */
export const jwtSecret = 'a bench secret of more than thirty-two characters'

const header = encode({ alg: 'HS256', typ: 'JWT' })

/** A token that is good for an hour; every subscriber is a user of its own. */
export function signToken(user: number): string {
  const now = Math.floor(Date.now() / 1000)
  const email = `user-${user}@example.com`
  const claims = encode({ sub: `user-${user}`, email, iat: now, exp: now + 3_600 })
  return `${header}.${claims}.${signatureOf(`${header}.${claims}`)}`
}

/** The e-mail address of a genuine token's user, else null: all the peers ask for. */
export function userOf(token: string | null): string | null {
  const [head, claims, signature] = (token ?? '').split('.')
  if (!head || !claims || !signature) return null
  const expected = Buffer.from(signatureOf(`${head}.${claims}`))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const { email, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    email: string
    exp: number
  }
  return exp * 1000 > Date.now() ? email : null
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signatureOf(text: string): string {
  return createHmac('sha256', jwtSecret).update(text).digest('base64url')
}
