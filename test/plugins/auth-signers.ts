import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'

/** Somebody who signs tokens. */
export interface Signer {
  readonly algorithm: string
  readonly privateKey: KeyObject
  /** PEM. */
  readonly publicPem: string
  /** As it is published. */
  jwk(kid?: string): object
  /** A token of `u1` that lives for an hour, unless the claims say otherwise. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

const made = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const

/** A signer with a key of its own. */
export function newSigner(algorithm: keyof typeof made): Signer {
  const { publicKey, privateKey } = made[algorithm]()
  return {
    algorithm,
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    jwk: (kid) => ({
      ...publicKey.export({ format: 'jwk' }),
      use: 'sig',
      ...(kid !== undefined && { kid }),
      ...(algorithm.startsWith('PS') && { alg: algorithm }),
    }),
    sign: (claims = {}, header = {}) =>
      new SignJWT({ sub: 'u1', exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
        .setProtectedHeader({ alg: algorithm, ...header })
        .sign(privateKey),
  }
}

/** A token put together from its parts, whatever they say. */
export function forged(header: object, claims: object, signature: string | Buffer = ''): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)))
  return [...parts, Buffer.from(signature)].map((part) => part.toString('base64url')).join('.')
}
