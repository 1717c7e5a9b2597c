import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { examineTls, type Check, type TlsExamination } from '@switchhook/shared/doctor'
import { dial } from '../../services/sip-proxy/dial/index.ts'
import { finderOf } from '../../services/sip-proxy/upstreams/find.ts'
import { readUpstreams } from '../../services/sip-proxy/upstreams/read.ts'
import { certificatesIn } from '../../shared/doctor/tls/aia.ts'
import { makeAuthority, selfSigned, serveSip, serveTls } from '../kit/certificates/index.ts'
import { issue, newSubject } from '../kit/certificates/issue.ts'
import { freePort } from '../kit/process.ts'
import { seeded } from '../kit/random.ts'

const dayMs = 86_400_000
const caFile = 'pbx.pem'

function examined(url: string, given: Partial<TlsExamination> = {}): Promise<Check[]> {
  const usual = { url: new URL(url), allowPrivate: true, caFile, now: Date.now }
  return Array.fromAsync(examineTls({ ...usual, ...given }))
}

const find = (checks: readonly Check[], check: string): Check =>
  checks.find((each) => each.check === check) ?? {
    check,
    ok: false,
    code: '',
    message: '',
    fix: '',
  }

async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Where an authority publishes its certificates. */
async function publisher(t: Test, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(t, createHttpServer(listener))}/`
}

const serving = (content: string | Buffer) => (t: Test) =>
  publisher(t, (_, response) => response.end(content))

/** Opens a SIP WebSocket as the proxy does, by a file of upstreams that has what the doctor printed. */
async function dialled(t: Test, { details = {} }: Check, url?: string): Promise<void> {
  const dir = t.testdir()
  const setting = String(details['setting'])
  const file = join(dir, 'upstreams.yaml')
  writeFileSync(file, setting)
  if (typeof details['pem'] === 'string') writeFileSync(join(dir, caFile), details['pem'])
  const read = { upstreamsFile: file, allowInsecureUpstream: false, replicated: false }
  const { definitions, mistakes } = readUpstreams(read)
  t.same(mistakes, [])
  const route = finderOf(definitions)(definitions[0]!.upstream.name)!
  const [target] = route.targets
  const { port } = new URL(url ?? target!.url)
  const place = { ...target!, port: Number(port) }
  const { socket } = await dial(place, route.upstream, { timeoutMs: 10_000, userAgent: undefined })
  socket.destroy()
}

test('a leaf alone: the intermediate is named, fetched, and the printed setting works', async (t) => {
  const authority = await makeAuthority('PBX')
  const aia = await serving(authority.intermediate)(t)
  const { key, cert } = await authority.issue({ aia })
  const pbx = await serveSip(t, { key, chain: [cert] })
  const checks = await examined(pbx.url)
  t.match(find(checks, 'connection').message, /127\.0\.0\.1 and speaks TLSv1\.3/)
  t.match(find(checks, 'sent 1 of 1'), {
    message:
      /'CN=localhost' by 'CN=PBX Intermediate', 20.*, for localhost, 127\.0\.0\.1; pin sha256/,
    details: { names: ['localhost', '127.0.0.1'], pin: /^sha256\// },
  })
  const trust = find(checks, 'trust')
  t.match(trust, { ok: false, code: 'upstream_chain_incomplete' })
  t.match(trust.message, "without that of 'CN=PBX Intermediate'")
  t.match(trust.message, aia)
  t.match(find(checks, 'found').message, 'CN=PBX Root')
  const setting = find(checks, 'setting')
  t.match(setting.fix, /compare it with the owner of the PBX: CN=PBX Intermediate: [0-9A-F:]{95}\./)
  await dialled(t, setting)
  t.match(find(checks, 'server').details, { commands: [/^cat leaf\.pem intermediate\.pem > /] })
  const stranger = await makeAuthority('PBX')
  const other = await serveSip(t, await stranger.issue())
  await t.rejects(dialled(t, setting, other.url), { code: 'upstream_issuer_unknown' })
})

test('what is missing is fetched up to the root, in every form authorities publish', async (t) => {
  const dir = t.testdir()
  const p7 = (form: string, ...pems: string[]): Buffer => {
    const file = join(dir, 'certificates.pem')
    writeFileSync(file, pems.join(''))
    const args = ['crl2pkcs7', '-nocrl', '-certfile', file, '-outform', form]
    return execFileSync('openssl', args)
  }
  const forms: readonly ((pem: string, other: string) => string | Buffer)[] = [
    (pem) => pem,
    (pem) => certificatesIn(Buffer.from(pem))[0]!.raw,
    (pem, other) => p7('DER', other, pem),
    (pem, other) => p7('PEM', other, pem),
  ]
  for (const form of forms) {
    const root = await newSubject('Far Root')
    const rootCert = await issue({ subject: root, authority: true })
    const stranger = (await selfSigned()).cert
    const above = await serving(form(rootCert, stranger))(t)
    const middle = await newSubject('Far Intermediate')
    const signer = { ...root, cert: rootCert }
    const middleCert = await issue({ subject: middle, signer, authority: true, aia: above })
    const aia = await serving(form(middleCert, rootCert))(t)
    const leaf = await selfSigned()
    const subject = await newSubject('localhost', leaf.key)
    const names = ['localhost']
    const cert = await issue({ subject, signer: { ...middle, cert: middleCert }, names, aia })
    const pbx = await serveSip(t, { key: leaf.key, chain: [cert] })
    const checks = await examined(pbx.url)
    t.equal(checks.filter(({ check }) => check === 'found').length, 2)
    t.match(find(checks, 'trust'), { code: 'upstream_chain_incomplete' })
    const setting = find(checks, 'setting')
    t.match(setting.details, { trust: 'extraCa', fingerprints: [/^CN=Far Root: /] })
    await dialled(t, setting)
  }
})

test('each other state of a chain has a sentence, and a setting where one helps', async (t) => {
  const authority = await makeAuthority('Own')
  const inDays = (days: number): Date => new Date(Date.now() + days * dayMs)
  const complete = await serveSip(t, await authority.issue())
  const whole = await examined(complete.url)
  t.match(find(whole, 'trust'), {
    code: 'upstream_issuer_unknown',
    message: /chain of localhost:\d+ is complete.*private authority 'CN=Own Root'/,
  })
  await dialled(t, find(whole, 'setting'))

  const alone = await authority.issue()
  const silent = await serveSip(t, { key: alone.key, chain: [alone.cert] })
  const unpublished = await examined(silent.url)
  t.match(find(unpublished, 'trust').message, /could not be fetched: it names no http address/)
  t.match(find(unpublished, 'server').details, {
    commands: [/^cat leaf\.pem intermediate\.pem > .*, then CN=Own Intermediate$/],
  })
  t.match(find(unpublished, 'setting').details, { trust: 'pin', pem: null })
  await dialled(t, find(unpublished, 'setting'))

  const own = await serveSip(t, await selfSigned())
  const itself = await examined(own.url)
  t.match(find(itself, 'trust'), { code: 'upstream_self_signed', fix: /pin/ })
  await dialled(t, find(itself, 'setting'))
  const replaced = await serveSip(t, await selfSigned())
  await t.rejects(dialled(t, find(itself, 'setting'), replaced.url), {
    code: 'upstream_pin_mismatch',
  })

  const named = await serveSip(
    t,
    await authority.issue({ names: ['*.pbx.example', 'pbx.example'] }),
  )
  const misnamed = await examined(named.url)
  t.match(
    misnamed.filter(({ ok }) => !ok),
    [
      { code: 'upstream_issuer_unknown' },
      {
        code: 'upstream_name_mismatch',
        message: /is not for localhost, but for \*\.pbx\.example, pbx\.example/,
      },
    ],
  )
  t.match(find(misnamed, 'setting').details, { setting: /servername: "pbx\.example"/ })
  await dialled(t, find(misnamed, 'setting'))
  const asked = await examined(named.url, { servername: 'a.pbx.example' })
  t.match(
    asked.filter(({ ok }) => !ok),
    [{ code: 'upstream_issuer_unknown' }],
  )

  const old = await serveSip(t, await selfSigned({ notBefore: inDays(-9), notAfter: inDays(-3) }))
  const expired = await examined(old.url)
  t.match(find(expired, 'setting'), { ok: false, code: 'no_setting' })
  t.match(
    expired.filter(({ check }) => check === 'trust'),
    [
      { code: 'upstream_self_signed' },
      { code: 'upstream_certificate_expired', message: /expired on 20.*, 3 days ago/ },
    ],
  )

  const future = await serveSip(t, await selfSigned({ notBefore: inDays(2) }))
  t.match(
    (await examined(future.url)).filter(({ check }) => check === 'trust'),
    [{ code: 'upstream_self_signed' }, { code: 'upstream_certificate_early', fix: /timedatectl/ }],
  )
})

test('authorities are believed no more than anybody else', async (t) => {
  const authority = await makeAuthority()
  const stranger = await makeAuthority('Stranger')
  const trouble = async (aia: string, given: Partial<TlsExamination> = {}): Promise<string> => {
    const { key, cert } = await authority.issue({ aia })
    const pbx = await serveTls(t, { key, chain: [cert] })
    return find(await examined(`wss://localhost:${pbx.port}/`, given), 'trust').message
  }
  const good = await serving(authority.intermediate)(t)
  t.match(await trouble(good, { allowPrivate: false }), /not a public address \(--allow-private/)
  t.match(await trouble(await serving(stranger.intermediate)(t)), /what it serves did not sign it/)
  t.match(await trouble(await serving('<html>')(t)), /is no certificate/)
  t.match(await trouble(await serving(Buffer.alloc(70_000))(t)), /more than 65536 octets/)
  const moved = await publisher(t, (_, response) => {
    response.writeHead(302, { location: good }).end()
  })
  t.match(await trouble(moved), /it answers 302/)
  t.match(await trouble('https://127.0.0.1/'), /names no http address/)
  t.match(await trouble('http://user:password@127.0.0.1/'), /names no http address/)
  t.match(await trouble(`http://127.0.0.1:${await freePort()}/`), /nothing listens there/)
  const cut = createTcpServer((socket) => socket.destroy())
  t.match(
    await trouble(`http://127.0.0.1:${await listening(t, cut)}/`),
    /could not be fetched: http/,
  )
})

test('where there is no TLS, each reason is another sentence', async (t) => {
  const first = async (port: number, given = {}): Promise<Check> => {
    const [check, ...more] = await examined(`wss://127.0.0.1:${port}/`, given)
    t.same(more, [])
    return check!
  }
  const tcp = (listener: (socket: Socket) => void): Promise<number> => {
    const sockets = new Set<Socket>()
    t.teardown(() => sockets.forEach((each) => each.destroy()))
    const server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      listener(socket)
    })
    return listening(t, server)
  }
  const plain = await listening(t, createHttpServer())
  t.match(await first(plain), {
    code: 'upstream_tls_failed',
    message: /does not speak TLS/,
    fix: /8089/,
  })
  const closing = await tcp((socket) => socket.destroy())
  t.match(await first(closing), { message: /closes the connection before TLS/ })
  const resetting = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
  t.match(await first(resetting), { message: /closes the connection before TLS/, fix: /firewall/ })
  const mute = await tcp(() => {})
  t.match(await first(mute, { signal: AbortSignal.timeout(200) }), {
    code: 'upstream_timeout',
    message: /takes the connection and says nothing/,
  })
  t.match(await first(await freePort()), { code: 'upstream_unreachable' })
  const [unknown] = await examined('wss://nobody.invalid/')
  t.match(unknown, { check: 'connection', code: 'upstream_unresolved' })
  const random = seeded(5)
  for (let round = 0; round < 20; round++) {
    const noise = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)))
    const noisy = await tcp((socket) => socket.end(noise))
    t.match(await first(noisy), { ok: false, code: 'upstream_tls_failed' })
  }
})

test('versions of TLS that nobody speaks any more are named', async (t) => {
  const { key, cert } = await selfSigned()
  const old = await serveTls(
    t,
    { key, chain: [cert] },
    { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  )
  const checks = await examined(`wss://localhost:${old.port}/`)
  t.match(find(checks, 'connection'), { ok: false, message: /speaks TLSv1\.1 at most/ })
  t.match(find(checks, 'setting'), { code: 'no_setting' })
})

test('nothing an authority may serve is more than no certificate', async (t) => {
  const random = seeded(11)
  const { cert } = await selfSigned()
  const der = certificatesIn(Buffer.from(cert))[0]!.raw
  const oid = Buffer.from('06092a864886f70d010702', 'hex')
  const wrap = (tag: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]), content])
  const p7 = wrap(0x30, Buffer.concat([oid, wrap(0xa0, wrap(0x30, wrap(0xa0, der)))]))
  t.equal(certificatesIn(p7).length, 1)
  const counts = Array.from({ length: 3_000 }, (_, round) => {
    const seed = Buffer.from([der, p7, Buffer.from(cert)][round % 3]!)
    for (let flips = 0; flips < 4; flips++) {
      const place = Math.floor(random() * seed.length * (flips % 2 ? 0.1 : 1))
      seed[place] = Math.floor(random() * 256)
    }
    return certificatesIn(seed.subarray(0, Math.floor(random() * (seed.length + 1)))).length
  })
  t.ok(Math.max(...counts) <= 16)
  t.ok(counts.includes(0))
})
