import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { temporaryDir } from '../kit/build.ts'
import { makeAuthority } from '../kit/certificates/index.ts'
import { finderOf } from '../../services/sip-proxy/upstreams/find.ts'
import { readUpstreams } from '../../services/sip-proxy/upstreams/read.ts'

const settings = { allowInsecureUpstream: false, replicated: false }

function fileWith(t: Test, text: string, name = 'upstreams.yaml'): string {
  const path = join(temporaryDir(t), name)
  writeFileSync(path, text)
  return path
}

function finderIn(t: Test, text: string, name?: string) {
  const upstreamsFile = fileWith(t, text, name)
  const { definitions, mistakes } = readUpstreams({ ...settings, upstreamsFile })
  t.strictSame(mistakes, [])
  return finderOf(definitions)
}

/** One upstream with these values and what it needs besides. */
const one = (values: object): string =>
  stringify({ upstreams: [{ name: 'a', targets: ['wss://pbx.example/ws'], ...values }] })

const phantom = `
upstreams:
  - name: phantom
    match: "^[0-9]{1,6}$"
    targets: ["wss://server1-{id}.phantomapi.net:8089/ws", "wss://server2-{id}.phantomapi.net:8089/ws"]
    sipDomain: server1-{id}.phantomapi.net
  - name: office
    match: "[a-z]+"
    targets: ["ws://[2001:db8::7]/sip?x=1", "WSS://PBX.example:8443"]
    auth: required
    missingOrigin: allow
    allowPrivate: true
    sipDomain: office.example
    origin: https://office.example
    maxSockets: 7
    contactHost: sip.office.example:5060
    app: 00000000-0000-4000-8000-000000000001
`

t.test('an id leads to the targets that are written, filled in, in their order', (t) => {
  t.strictSame(finderIn(t, phantom)('388'), {
    upstream: {
      name: 'phantom',
      auth: 'optional',
      missingOrigin: 'refuse',
      allowPrivate: false,
      maxSockets: 1_000,
      trust: { trust: 'system' },
      servername: null,
      origin: null,
      contactHost: null,
      app: null,
    },
    id: '388',
    targets: ['server1', 'server2'].map((server) => ({
      url: `wss://${server}-388.phantomapi.net:8089/ws`,
      secure: true,
      host: `${server}-388.phantomapi.net`,
      port: 8089,
      path: '/ws',
    })),
    sipDomain: 'server1-388.phantomapi.net',
  })
  t.end()
})

t.test('a name leads to what is written, with ports said and brackets gone', (t) => {
  const route = finderIn(t, phantom)('office')
  t.match(route, {
    upstream: {
      auth: 'required',
      missingOrigin: 'allow',
      allowPrivate: true,
      maxSockets: 7,
      origin: 'https://office.example',
      contactHost: 'sip.office.example:5060',
      app: '00000000-0000-4000-8000-000000000001',
    },
    id: null,
    sipDomain: 'office.example',
  })
  t.strictSame(route?.targets, [
    {
      url: 'ws://[2001:db8::7]/sip?x=1',
      secure: false,
      host: '2001:db8::7',
      port: 80,
      path: '/sip?x=1',
    },
    {
      url: 'wss://pbx.example:8443/',
      secure: true,
      host: 'pbx.example',
      port: 8443,
      path: '/',
    },
  ])
  t.end()
})

t.test('a name comes before an id, an id needs a match, and the first that fits answers', (t) => {
  const find = finderIn(
    t,
    `
upstreams:
  - { name: first, match: "[a-z]+", targets: ["wss://{id}.first.example"], sipDomain: "{id}.first.example" }
  - { name: second, match: "[a-z0-9]+", targets: ["wss://second.example"], sipDomain: "{id}.second.example" }
  - { name: third, targets: ["wss://third.example"] }
`,
  )
  const namesOf = (asked: string) => [find(asked)?.upstream.name, find(asked)?.id]
  t.strictSame(namesOf('second'), ['second', null], 'by its name')
  t.equal(find('second')?.sipDomain, null, 'nothing to fill the domain with')
  t.strictSame(namesOf('third'), ['third', null])
  t.strictSame(namesOf('abc'), ['first', 'abc'])
  t.strictSame(namesOf('first'), ['first', 'first'], 'its name is an id as well')
  t.strictSame(namesOf('a1'), ['second', 'a1'])
  t.equal(find('a1')?.sipDomain, 'a1.second.example')
  t.strictSame(namesOf('ABC'), [undefined, undefined], 'upper case is something else')
  t.end()
})

t.test('without a file there is nothing, and nothing wrong', (t) => {
  t.strictSame(readUpstreams(settings), { definitions: [], mistakes: [] })
  t.end()
})

t.test('JSON is read as well, also with tabs, a byte order mark and a $schema', (t) => {
  const file = {
    $schema: './upstreams.schema.json',
    upstreams: [{ name: 'json', targets: ['wss://json.example/ws'] }],
  }
  const find = finderIn(t, `\uFEFF${JSON.stringify(file, null, '\t')}`, 'upstreams.json')
  t.equal(find('json')?.targets[0]?.url, 'wss://json.example/ws')
  t.end()
})

t.test('aliases stand for what they name, a few of them', (t) => {
  const shared = `
upstreams:
  - { name: a, targets: &targets ["wss://pbx.example"] }
  - { name: b, targets: *targets }
`
  t.equal(finderIn(t, shared)('b')?.targets[0]?.host, 'pbx.example')
  t.end()
})

t.test('certificates are read beside the file, and each that cannot be is named', async (t) => {
  const { root, intermediate } = await makeAuthority()
  const path = fileWith(
    t,
    one({ tls: { trust: 'extraCa', ca: ['root.pem', './root.pem'], servername: 'pbx.example' } }),
  )
  writeFileSync(join(path, '../root.pem'), `of the PBX\n${root}${intermediate}`)
  const { definitions, mistakes } = readUpstreams({ ...settings, upstreamsFile: path })
  t.strictSame(mistakes, [])
  const [{ upstream }] = definitions as [(typeof definitions)[0]]
  t.equal(upstream.servername, 'pbx.example')
  t.ok(upstream.trust.trust === 'extraCa')
  const { ca } = upstream.trust as { ca: readonly string[] }
  t.equal(ca.join('').match(/BEGIN CERTIFICATE/g)?.length, 4)
})

t.test('pins are kept as they are written', (t) => {
  const pins = ['A', 'B'].map((letter) => `sha256/${letter.repeat(42)}A=`)
  const upstreamsFile = fileWith(t, one({ tls: { trust: 'pin', pins } }))
  const { definitions } = readUpstreams({ ...settings, upstreamsFile })
  t.strictSame(definitions[0]?.upstream.trust, { trust: 'pin', pins })
  t.end()
})
