import { X509Certificate } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import { connectTo } from '../../egress/index.ts'
import { certificatesInPkcs7 } from './pkcs7.ts'

export interface FetchOptions {
  /** Whether the authority may have an address that is not public. */
  readonly allowPrivate: boolean
  readonly signal?: AbortSignal
}

const timeoutMs = 3_000
const mostOctets = 65_536

/**
 * Fetches what an authority publishes at a URL: DER, PEM or PKCS #7. Redirects are not followed.
 * @throws CodedError of `connectTo`, or Error with what is wrong in words
 */
export async function fetchCertificates(
  url: URL,
  { allowPrivate, signal }: FetchOptions,
): Promise<X509Certificate[]> {
  const late = AbortSignal.timeout(timeoutMs)
  const within = signal ? AbortSignal.any([signal, late]) : late
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(url.port || 80), allowPrivate }
  const socket = await connectTo(to, { timeoutMs, signal: within })
  try {
    const certificates = certificatesIn(await get(url, { socket, signal: within }))
    if (certificates.length === 0) throw new Error('what it serves is no certificate')
    return certificates
  } finally {
    socket.destroy()
  }
}

type Socket = Awaited<ReturnType<typeof connectTo>>

async function get(
  url: URL,
  { socket, signal }: { socket: Socket; signal: AbortSignal },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { accept: '*/*', connection: 'close' }
  // With `agent: false` Node would make a connection of its own, to whatever the name leads to then.
  request(url, { createConnection: () => socket, headers, signal })
    .on('response', resolve)
    .on('error', reject)
    .end()
  const response = await promise
  if (response.statusCode !== 200) throw new Error(`it answers ${response.statusCode}`)
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length
    if (octets > mostOctets) throw new Error(`it serves more than ${mostOctets} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The certificates in what an authority serves; none if there are none. */
export function certificatesIn(content: Buffer): X509Certificate[] {
  const single = parsed(content)
  if (single && content[0] === 0x30) return [single]
  const blocks = content.toString('latin1').matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END/g)
  const decoded = [...blocks].map(([, , text = '']) => Buffer.from(text, 'base64'))
  return [content, ...decoded]
    .flatMap((each) => [each, ...certificatesInPkcs7(each)])
    .flatMap((each) => parsed(each) ?? [])
    .slice(0, 16)
}

function parsed(content: Buffer): X509Certificate | null {
  try {
    return content[0] === 0x30 ? new X509Certificate(content) : null
  } catch {
    return null
  }
}
