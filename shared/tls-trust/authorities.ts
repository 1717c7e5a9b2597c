import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isSelfSigned } from './chain.ts'
import { spkiPin } from './pin.ts'

/** PEM texts, one certificate each; or what is wrong with a file, as one sentence that names it. */
export type Authorities = { readonly ca: readonly string[] } | { readonly mistake: string }

/** A file with more octets than the roots of every system together is none of certificates. */
const limit = 2 ** 20

const begin = /-----BEGIN (?:X509 )?CERTIFICATE-----/g
const block = new RegExp(`${begin.source}[^-]+-----END [A-Z0-9 ]+-----`, 'g')

/** What lines gain in YAML and on Windows; OpenSSL reads no indented ones. */
const edges = /^[ \t]+|[ \t\r]+$/gm

/** Reads files of roots and intermediates, each with one PEM certificate or several. */
export function readAuthorities(paths: readonly string[]): Authorities {
  const ca: string[] = []
  for (const path of paths) {
    const read = readFile(path)
    if ('mistake' in read) return { mistake: `${path} ${read.mistake}` }
    ca.push(...read.ca)
  }
  return { ca }
}

function readFile(path: string): Authorities {
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) return { mistake: 'is a directory: name the files in it' }
    if (!stat.isFile()) return { mistake: 'is no file' }
    if (stat.size > limit) return { mistake: 'is larger than 1 MiB' }
    return authoritiesIn(readFileSync(path))
  } catch (error) {
    const { code = 'no reason given' } = error as NodeJS.ErrnoException
    return { mistake: code === 'ENOENT' ? 'is not there' : `cannot be read: ${code}` }
  }
}

/** The certificates of one PEM file; the mistake lacks the name of the file. */
function authoritiesIn(content: Buffer): Authorities {
  const text = content.toString('latin1')
  const blocks = text.match(block) ?? []
  const begun = text.match(begin)?.length ?? 0
  if (begun === 0) return { mistake: notPem(content, text) }
  if (begun > blocks.length) return { mistake: 'is cut off: a certificate begins and does not end' }
  const ca: string[] = []
  for (const [index, pem] of blocks.entries()) {
    const read = readBlock(pem)
    if ('mistake' in read) {
      return { mistake: `${blocks.length > 1 ? `(certificate ${index + 1}) ` : ''}${read.mistake}` }
    }
    ca.push(...read.ca)
  }
  return { ca }
}

function readBlock(pem: string): Authorities {
  const certificate = parsed(pem.replaceAll(edges, ''))
  if (certificate === null) return { mistake: 'is damaged: its certificate cannot be read' }
  if (!certificate.ca && !isSelfSigned(certificate)) {
    const pin = spkiPin(certificate)
    return {
      mistake: `is the certificate of a server, not of an authority; to trust its key: { trust: pin, pins: ['${pin}'] }`,
    }
  }
  return { ca: [certificate.toString()] }
}

function parsed(content: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(content)
  } catch {
    return null
  }
}

function notPem(content: Buffer, text: string): string {
  if (parsed(content)) {
    return 'is DER, not PEM: openssl x509 -inform der -in it -out other.pem makes one of the other'
  }
  if (text.includes('PRIVATE KEY-----')) return 'has a private key and no certificate'
  if (text.trim() === '') return 'is empty'
  return 'has no certificate: PEM begins with -----BEGIN CERTIFICATE-----'
}
