import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { temporaryDir } from '../kit/build.ts'
import { makeAuthority, selfSigned, serveSip, type Identity } from '../kit/certificates/index.ts'
import { knock, pageSocket, sipSuite, visit } from '../kit/sip/sip-suite.ts'

const day = 86_400_000

/** Certificates as PBXs have them. */
async function identities() {
  const authority = await makeAuthority()
  const whole = await authority.issue()
  return {
    whole,
    leafOnly: { ...whole, chain: [whole.cert] },
    selfSigned: await selfSigned(),
    expired: await authority.issue({ notAfter: new Date(Date.now() - day / 2) }),
    early: await authority.issue({ notBefore: new Date(Date.now() + day) }),
    otherName: await authority.issue({ names: ['other.example'] }),
    root: authority.root,
    intermediate: authority.intermediate,
  }
}

function fileOf(t: Test, ...texts: readonly string[]): string {
  const file = join(temporaryDir(t), 'ca.pem')
  writeFileSync(file, texts.join('\n'))
  return file
}

/** @returns the port of a server without TLS */
async function serveHttp(t: Test): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const entry = (name: string, port: number, tls: object) => ({
  name,
  targets: [`wss://localhost:${port}/ws`],
  allowPrivate: true,
  missingOrigin: 'allow' as const,
  tls,
})

t.test('what is wrong with the certificate of a PBX has a name each', async (t) => {
  const { root, whole, ...wrong } = await identities()
  const extraCa = { trust: 'extraCa' as const, ca: [fileOf(t, root)] }
  // It answers a ClientHello in HTTP, as a port without TLS does.
  const plain = await serveHttp(t)
  const serve = async (identity: Identity) => (await serveSip(t, identity)).port
  const cases = [
    ['upstream_issuer_unknown', await serve(whole), {}],
    ['upstream_chain_incomplete', await serve(wrong.leafOnly), extraCa],
    ['upstream_self_signed', await serve(wrong.selfSigned), {}],
    ['upstream_certificate_expired', await serve(wrong.expired), extraCa],
    ['upstream_certificate_early', await serve(wrong.early), extraCa],
    ['upstream_name_mismatch', await serve(wrong.otherName), extraCa],
    ['upstream_tls_failed', plain, extraCa],
  ] as const
  const suite = await sipSuite(
    t,
    cases.map(([code, port, tls]) => entry(code, port, tls)),
    { SIP_DIAL_SECONDS: '10' },
  )
  for (const [code, port] of cases) {
    const path = `/api/sip-ws/${code}`
    const { status, body } = await knock(suite, {}, path)
    t.equal(status, 502, code)
    t.match(JSON.parse(body.toString()), { code, detail: `localhost:${port}`, fix: String })
    const page = await visit(suite, {}, path)
    t.equal(page.code, 1011)
    t.ok(page.reason.startsWith(`${code} `), page.reason)
    const check = await fetch(new URL(`/api/sip-check?upstream=${code}`, suite.url))
    t.match(await check.json(), { ok: false, code, fix: String })
    t.match(suite.logged('handshake refused').at(-1), { code, target: 'localhost' })
  }
})

t.test('with the missing certificate beside it the same PBX is connected', async (t) => {
  const { leafOnly, root, intermediate } = await identities()
  const pbx = await serveSip(t, leafOnly)
  const ca = [fileOf(t, root, intermediate)]
  const suite = await sipSuite(t, [entry('pbx', pbx.port, { trust: 'extraCa', ca })])
  const socket = pageSocket(suite)
  await once(socket, 'open')
  socket.send('REGISTER sip:localhost SIP/2.0\r\n\r\n')
  const [echo] = (await once(socket, 'message')) as [Buffer]
  t.match(echo.toString(), /^REGISTER /)
  t.equal(socket.protocol, 'sip')
  socket.close(1000)
  await once(socket, 'close')
  await suite.metricIs('switchhook_sip_upstream_connections{upstream="pbx"}', 0)
})
