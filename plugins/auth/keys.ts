import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** With an RSA key a token is RS256 unless the key itself says otherwise (RFC 8725 §3.1). */
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
const curves = new Map<string, Algorithm>([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
])

export type Algorithm =
  | 'HS256'
  | 'EdDSA'
  | (typeof rsaAlgorithms)[number]
  | 'ES256'
  | 'ES384'
  | 'ES512'

/** A key, with the only algorithm that it verifies. */
export interface VerificationKey {
  readonly algorithm: Algorithm
  /** The secret of HS256; the PEM of a public key otherwise. */
  readonly key: string
  readonly kid: string | undefined
}

/** What a token says about its signature; untrusted text. */
export interface TokenHeader {
  readonly alg?: unknown
  readonly kid?: unknown
}

/** Where keys come from. */
export interface KeySource {
  /** Changes when a key is not accepted any more. */
  readonly revision: number
  /**
   * The keys that a token may be signed with; none if it is not one of ours.
   * @throws CodedError `unavailable` while they cannot be known
   */
  find(header: TokenHeader): Promise<readonly VerificationKey[]>
}

/** Keys that stay what they are. */
export function fixedKeys(keys: readonly VerificationKey[]): KeySource {
  return { revision: 0, find: async (header) => matching(keys, header) }
}

/** The keys that fit a header: a token that names its key is signed with that one or not at all. */
export function matching(
  keys: readonly VerificationKey[],
  { alg, kid }: TokenHeader,
): VerificationKey[] {
  return keys.filter(
    (key) =>
      key.algorithm === alg && (key.kid === undefined || kid === undefined || key.kid === kid),
  )
}

export function secretKeys(secrets: readonly string[]): VerificationKey[] {
  return secrets.map((key) => ({ algorithm: 'HS256', key, kid: undefined }))
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g

/** The public keys in texts of PEM, and what is wrong with those that cannot be used. */
export function pemKeys(texts: readonly string[]): {
  readonly keys: VerificationKey[]
  readonly reasons: string[]
} {
  const keys: VerificationKey[] = []
  const reasons: string[] = []
  for (const text of texts) {
    // In an environment file a PEM is often one line with the escapes of JSON.
    const blocks = [...text.replaceAll('\\n', '\n').matchAll(pemBlock)]
    if (blocks.length === 0) reasons.push('is no PEM')
    for (const [pem, label] of blocks) {
      const key = label!.includes('PRIVATE') ? 'is a private key: give the public one' : keyOf(pem)
      if (typeof key === 'string') reasons.push(key)
      else keys.push(key)
    }
  }
  return { keys, reasons }
}

function keyOf(pem: string): VerificationKey | string {
  try {
    return withAlgorithm(createPublicKey(pem)) ?? 'has a key that is too short or not supported'
  } catch {
    return 'is no PEM of a public key'
  }
}

/** A JWK (RFC 7517) as it was fetched. */
export type Jwk = JsonWebKey & { readonly [name: string]: unknown }

/** The key of a JWK that tokens may be signed with, or null. Symmetric keys are never published. */
export function jwkKey(jwk: Jwk): VerificationKey | null {
  const { use, kid, alg, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') return null
  if (Array.isArray(operations) && !operations.includes('verify')) return null
  try {
    const key = withAlgorithm(createPublicKey({ key: jwk, format: 'jwk' }), alg)
    return key && { ...key, kid: typeof kid === 'string' ? kid : undefined }
  } catch {
    return null
  }
}

const shortestModulus = 2_048

function withAlgorithm(key: KeyObject, named?: unknown): VerificationKey | null {
  const [usual, ...others] = algorithmsOf(key)
  // RFC 9864 names the curve, which here is the only one.
  const wanted = named === 'Ed25519' ? 'EdDSA' : (named ?? usual)
  const algorithm = [usual, ...others].find((one) => one === wanted)
  if (algorithm === undefined) return null
  const pem = key.export({ type: 'spki', format: 'pem' }) as string
  return { algorithm, key: pem, kid: undefined }
}

/** What a key can verify; the first is meant where nothing is said. None: it is too weak, or not supported. */
function algorithmsOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): readonly Algorithm[] {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {}
  switch (asymmetricKeyType) {
    case 'rsa':
      return modulusLength < shortestModulus ? [] : rsaAlgorithms
    case 'ec':
      return curves.has(namedCurve) ? [curves.get(namedCurve)!] : []
    case 'ed25519':
      return ['EdDSA']
    default:
      return []
  }
}
