import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { setDefaultCACertificates } from 'node:tls'
import t, { type Test } from 'tap'
import { examineTls, type Check } from '@switchhook/shared/doctor'
import { WebSocketServer } from 'ws'
import { spkiPin } from '@switchhook/shared/tls-trust'
import { build, temporaryDir, type Suite } from '../kit/build.ts'
import { makeAuthority, selfSigned, serveSip, type Identity } from '../kit/certificates/index.ts'
import { knock, pageSocket, sipSuite, visit } from '../kit/sip/sip-suite.ts'
import type { AddressInfo } from 'node:net'

const day = 86_400_000
const register = 'REGISTER sip:pbx.example.com SIP/2.0\r\n\r\n'
const path = (name: string): string => `/api/sip-ws/${name}`

// One authority that this machine knows, one of a company, and one of nobody.
const known = await makeAuthority('Known')
const own = await makeAuthority('Own')
const strange = await makeAuthority('Strange')
setDefaultCACertificates([known.root])

const leafAlone = (identity: Identity): Identity => ({ ...identity, chain: [identity.cert] })

/** Where an authority publishes the certificate of its intermediate. */
async function published(t: Test, pem: string): Promise<string> {
  const server = createServer((_, reply) => reply.end(new X509Certificate(pem).raw))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/intermediate.der`
}

/** Says something as a page and hears it again. */
async function speaks(suite: Suite, upstream: string): Promise<string> {
  const socket = pageSocket(suite, {}, path(upstream))
  await once(socket, 'open')
  socket.send(register)
  const [heard] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  await once(socket, 'close')
  return heard.toString()
}

/** What a page, a program and a question are told: always the same. */
async function refused(t: Test, suite: Suite, upstream: string): Promise<Verdict> {
  const page = await visit(suite, {}, path(upstream))
  const program = await knock(suite, {}, path(upstream))
  const problem = JSON.parse(program.body.toString()) as { code: string; detail: string }
  const check = await fetch(new URL(`/api/sip-check?upstream=${upstream}`, suite.url))
  const answer = (await check.json()) as Verdict
  t.equal(page.code, 1011, 'a page is told')
  t.match(page.reason, `${problem.code} `)
  t.equal(program.status, 502, 'a program is told')
  t.strictSame([answer.ok, answer.code, answer.message], [false, problem.code, problem.detail])
  return answer
}

interface Verdict {
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
}

t.test(
  'a PBX that sends its leaf alone: told why, told what helps, helped, and guarded',
  async (t) => {
    const aia = await published(t, known.intermediate)
    const broken = leafAlone(await known.issue({ aia }))
    const pbx = await serveSip(t, broken)
    const strict = await sipSuite(t, [
      { name: 'strict', targets: [pbx.url], allowPrivate: true, missingOrigin: 'allow' },
    ])
    const { code, message, fix } = await refused(t, strict, 'strict')
    t.equal(code, 'upstream_chain_incomplete')
    t.match(message, `'${known.names.intermediate}' (to be had at ${aia})`)
    t.match(fix, `switchhook doctor tls wss://localhost:${pbx.port}`)

    const caFile = join(temporaryDir(t), 'missing.pem')
    const url = new URL(pbx.url)
    const now = Date.now
    const checks = await Array.fromAsync(examineTls({ url, allowPrivate: true, caFile, now }))
    const { setting, pem } = detailsOf(checks)
    const file = join(temporaryDir(t), 'upstreams.yaml')
    writeFileSync(file, setting)
    writeFileSync(caFile, pem)
    t.strictSame(new X509Certificate(pem).subject, `CN=${known.names.intermediate}`)

    const mended = await build(t, { environment: { SIP_UPSTREAMS_FILE: file } })
    t.equal(await speaks(mended, 'localhost'), register)
    const before = pbx.messages.length
    for (const [identity, expected] of [
      [await known.issue({ names: ['neighbour.example.com'] }), 'upstream_name_mismatch'],
      [leafAlone(await known.issue({ names: ['x.example.com'] })), 'upstream_name_mismatch'],
      [await strange.issue(), 'upstream_issuer_unknown'],
      [await selfSigned(), 'upstream_self_signed'],
    ] as const) {
      pbx.show(identity)
      const { reason } = await visit(mended, {}, path('localhost'))
      t.match(reason, expected)
    }
    t.equal(pbx.messages.length, before, 'nobody else hears a word')
    pbx.show(broken)
    t.equal(await speaks(mended, 'localhost'), register)
  },
)

function detailsOf(checks: readonly Check[]): { setting: string; pem: string } {
  const { details } = checks.find(({ check }) => check === 'setting') ?? {}
  return details as { setting: string; pem: string }
}

type Entry = Parameters<typeof sipSuite>[1][number]

interface State {
  readonly identity: Identity
  readonly code: string
  /** What the message says besides. */
  readonly names: string
  /** `tls` of an upstream with which it works; null if none does. */
  readonly tls: Entry['tls'] | null
}

async function states(t: Test): Promise<Record<string, State>> {
  const file = join(temporaryDir(t), 'root.pem')
  writeFileSync(file, own.root)
  const extraCa: Entry['tls'] = { trust: 'extraCa', ca: [file] }
  const self = await selfSigned()
  const pinned: Entry['tls'] = { trust: 'pin', pins: [spkiPin(new X509Certificate(self.cert))] }
  const past = new Date(Date.now() - day / 2)
  const tomorrow = new Date(Date.now() + day)
  const full = await own.issue()
  return {
    'a whole chain of a private authority': {
      identity: full,
      code: 'upstream_issuer_unknown',
      names: own.names.root,
      tls: extraCa,
    },
    'a chain in the wrong order, root and all': {
      identity: { ...full, chain: [full.cert, own.root, own.intermediate] },
      code: 'upstream_issuer_unknown',
      names: own.names.root,
      tls: extraCa,
    },
    'a certificate that signed itself': {
      identity: self,
      code: 'upstream_self_signed',
      names: 'signed by itself',
      tls: pinned,
    },
    'an expired certificate': {
      identity: await known.issue({ notAfter: past }),
      code: 'upstream_certificate_expired',
      names: past.toISOString().slice(0, 16),
      tls: null,
    },
    'a certificate of tomorrow': {
      identity: await known.issue({ notBefore: tomorrow }),
      code: 'upstream_certificate_early',
      names: tomorrow.toISOString().slice(0, 16),
      tls: null,
    },
    'a certificate for another name': {
      identity: await known.issue({ names: ['pbx.example.com'] }),
      code: 'upstream_name_mismatch',
      names: 'pbx.example.com',
      tls: { servername: 'pbx.example.com' },
    },
  }
}

t.test('every other state of a chain has a code, facts, and a setting if one helps', async (t) => {
  for (const [state, { identity, code, names, tls }] of Object.entries(await states(t))) {
    const pbx = await serveSip(t, identity)
    const { cert } = identity
    const pins = [spkiPin(new X509Certificate(cert))]
    const entry = {
      targets: [pbx.url],
      allowPrivate: true,
      missingOrigin: 'allow' as const,
    } satisfies Partial<Entry>
    const suite = await sipSuite(t, [
      { ...entry, name: 'strict' },
      { ...entry, name: 'mended', tls: tls ?? { trust: 'pin', pins } },
    ])
    const told = await refused(t, suite, 'strict')
    t.equal(told.code, code, state)
    t.match(told.message, names, state)
    if (tls === null) t.equal((await refused(t, suite, 'mended')).code, code, 'not even by a pin')
    else t.equal(await speaks(suite, 'mended'), register, state)
    pbx.show(await strange.issue({ names: ['localhost', 'pbx.example.com'] }))
    t.match(
      (await visit(suite, {}, path('mended'))).reason,
      /^upstream_(issuer_unknown|pin_mismatch) /,
    )
  }
})

t.test('a port that speaks no TLS is told from one that is not trusted', async (t) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const targets = [`wss://localhost:${port}/ws`]
  const suite = await sipSuite(t, [
    { name: 'plain', targets, allowPrivate: true, missingOrigin: 'allow' },
  ])
  const { code, message } = await refused(t, suite, 'plain')
  t.equal(code, 'upstream_tls_failed')
  t.match(message, `localhost:${port} does not agree on TLS: what answers there does not speak TLS`)
})
