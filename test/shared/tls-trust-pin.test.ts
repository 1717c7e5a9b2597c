import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { chainAsSent, secure, spkiPin, type Trust } from '@switchhook/shared/tls-trust'
import { makeAuthority, selfSigned, serveTls } from '../kit/certificates/index.ts'
import { until } from '../kit/until.ts'
import { attempt } from './tls-trust-attempt.ts'

const day = 86_400_000
const own = await makeAuthority('Own')
const pinOf = (cert: string): string => spkiPin(new X509Certificate(cert))
const pinned = (...certs: string[]): Trust => ({ trust: 'pin', pins: certs.map(pinOf) })

t.test('two pins let the key of a PBX be changed without a gap', async (t) => {
  const [before, after] = [await selfSigned(), await selfSigned()]
  const [old, renewed] = [await serveTls(t, before), await serveTls(t, after)]
  const both = pinned(before.cert, after.cert)
  t.equal(await attempt(old, pinned(before.cert)), 'trusted')
  t.equal(await attempt(old, both), 'trusted')
  t.equal(await attempt(renewed, both), 'trusted')
  t.equal(await attempt(renewed, pinned(after.cert)), 'trusted')
  t.equal(await attempt(old, pinned(after.cert)), 'upstream_pin_mismatch')
})

t.test('a renewal that keeps the key keeps its pin', async (t) => {
  const before = await own.issue()
  const server = await serveTls(t, await own.issue({ key: before.key }))
  t.equal(await attempt(server, pinned(before.cert)), 'trusted')
})

t.test('the pin of who signed is not that of the key', async (t) => {
  const server = await serveTls(t, await own.issue())
  t.equal(await attempt(server, pinned(own.intermediate, own.root)), 'upstream_pin_mismatch')
})

t.test('the right pin makes no certificate younger, older or for another name', async (t) => {
  const now = Date.now()
  const names = ['pbx.example.com']
  for (const [options, servername, code] of [
    [{ notAfter: new Date(now - 1000) }, 'localhost', 'upstream_certificate_expired'],
    [{ notBefore: new Date(now + day) }, 'localhost', 'upstream_certificate_early'],
    [{ names }, 'localhost', 'upstream_name_mismatch'],
    [{ names }, 'pbx.example.com', 'trusted'],
    [{ names }, '127.0.0.1', 'upstream_name_mismatch'],
  ] as const) {
    const identity = await selfSigned(options)
    const server = await serveTls(t, identity)
    t.equal(await attempt(server, pinned(identity.cert), { servername }), code)
    await until(() => server.open === 0)
    t.equal(server.received, code === 'trusted' ? 'hello' : '')
  }
})

t.test('no pin at all trusts nobody', async (t) => {
  const server = await serveTls(t, await selfSigned())
  t.equal(await attempt(server, { trust: 'pin', pins: [] }), 'upstream_pin_mismatch')
})

t.test('a pin is what openssl makes of the same key', (t) => {
  const openssl = (args: string[], input: string | Buffer): Buffer =>
    execFileSync('openssl', args, { input })
  const key = openssl(['x509', '-pubkey', '-noout'], own.root)
  const digest = openssl(
    ['dgst', '-sha256', '-binary'],
    openssl(['pkey', '-pubin', '-outform', 'der'], key),
  )
  t.equal(pinOf(own.root), `sha256/${digest.toString('base64')}`)
  t.end()
})

t.test('what was sent can be read from the socket, also by who is trusted', async (t) => {
  const identity = await own.issue()
  const chain = [identity.cert, own.root, own.intermediate]
  const server = await serveTls(t, { ...identity, chain })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const trust: Trust = { trust: 'extraCa', ca: [own.root] }
  const secured = await secure(socket, { servername: 'localhost', trust, timeoutMs: 10_000 })
  const sent = chainAsSent(secured).map(String)
  t.strictSame(
    sent,
    chain.map((pem) => String(new X509Certificate(pem))),
  )
  secured.destroy()
})
