import { randomBytes, type webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { Extension } from '@peculiar/x509'
import { newKey, pairOf } from './key.ts'

// The package asks for reflection when it is loaded, and static imports know no order.
await import('reflect-metadata')
const {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} = await import('@peculiar/x509')

/** Whom a certificate is for. */
export interface Subject {
  /** Distinguished name: `CN=…`. */
  readonly name: string
  readonly pair: webcrypto.CryptoKeyPair
}

/** Who signs one. */
export interface Signer extends Subject {
  /** PEM. */
  readonly cert: string
}

interface Order {
  readonly subject: Subject
  /** The subject itself if not given. */
  readonly signer?: Signer
  /** Whether it may sign others. */
  readonly authority?: boolean
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly aia?: string
}

const day = 86_400_000

export async function newSubject(commonName: string, key?: string): Promise<Subject> {
  return { name: `CN=${commonName}`, pair: await pairOf(key ?? (await newKey())) }
}

/** Makes a certificate, PEM. */
export async function issue(order: Order): Promise<string> {
  const { subject, signer } = order
  const issuer = signer ?? subject
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString('hex'),
    subject: subject.name,
    issuer: issuer.name,
    notBefore: order.notBefore ?? new Date(Date.now() - day),
    notAfter: order.notAfter ?? new Date(Date.now() + 30 * day),
    publicKey: subject.pair.publicKey,
    signingKey: issuer.pair.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: await extensionsOf(order),
  })
  return `${certificate.toString('pem')}\n`
}

async function extensionsOf(order: Order): Promise<Extension[]> {
  const { subject, signer, authority = false, names = [], aia } = order
  const usage = authority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature
  return [
    new BasicConstraintsExtension(authority, undefined, true),
    new KeyUsagesExtension(usage, true),
    await SubjectKeyIdentifierExtension.create(subject.pair.publicKey),
    ...(signer
      ? [await AuthorityKeyIdentifierExtension.create(new X509Certificate(signer.cert).publicKey)]
      : []),
    ...(names.length ? [new SubjectAlternativeNameExtension(names.map(alternative))] : []),
    ...(aia ? [new AuthorityInfoAccessExtension({ caIssuers: aia })] : []),
  ]
}

function alternative(name: string): { type: 'dns' | 'ip'; value: string } {
  return { type: isIP(name) ? 'ip' : 'dns', value: name }
}
