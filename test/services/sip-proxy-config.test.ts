import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import originCheck from '@switchhook/plugins/origin-check'
import problem from '@switchhook/plugins/problem'
import rateLimit from '@switchhook/plugins/rate-limit'
import validation from '@switchhook/plugins/validation'
import { jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { metered } from '../kit/metered.ts'
import { cleanEnvironment, freePort, root, spawnService } from '../kit/process.ts'
import {
  clientConfigRoute,
  type ClientConfigOptions,
} from '../../services/sip-proxy/client-config.ts'
import { openUpstreams } from '../../services/sip-proxy/upstreams/index.ts'

const phantom = `
  - name: phantom
    match: "^[0-9]{1,6}$"
    targets: ["wss://server1-{id}.phantomapi.net:8089/ws", "wss://server2-{id}.phantomapi.net:8089/ws"]
    sipDomain: server1-{id}.phantomapi.net
`
const office = `
  - name: office
    targets: ["wss://pbx.example/ws"]
`

const publicUrl = 'https://calls.example.com'
const page = 'https://crm.example.com'

interface Given extends Partial<ClientConfigOptions> {
  readonly file?: string
}

/** Asks a server with these upstreams for a configuration. */
async function asking(t: Test, upstreamsText: string, given: Given = {}) {
  const path = join(temporaryDir(t), 'upstreams.yaml')
  writeFileSync(path, `upstreams:${upstreamsText}`)
  const app = await metered(t)
  await app.register(problem).register(validation)
  await app.register(rateLimit, { calls: 1_000, internal: 1_000 })
  const origins = { allow: [page], insecureAnyOrigin: false }
  await app.register(originCheck, { ...origins, publicUrl, port: 3000 })
  const settings = { allowInsecureUpstream: false, replicated: false }
  const upstreams = await openUpstreams(app, { ...settings, upstreamsFile: path })
  await clientConfigRoute(app, { upstreams, publicUrl, useSipProxy: true, ...given })
  return async (query: string, headers: Record<string, string> = {}) => {
    const response = await app.inject({ url: `/api/config${query}`, headers })
    return { status: response.statusCode, headers: response.headers, body: response.json<object>() }
  }
}

t.test('a client is told where its SIP goes, by the names it always had', async (t) => {
  const ask = await asking(t, phantom + office, { busylightWsUrl: 'ws://127.0.0.1:19774/ws' })
  const { status, headers, body } = await ask('?phantomId=388')
  t.equal(status, 200)
  t.strictSame(body, {
    wssServerUrl: 'wss://calls.example.com/api/sip-ws/388',
    sipDomain: 'server1-388.phantomapi.net',
    busylightWsUrl: 'ws://127.0.0.1:19774/ws',
    upstream: 'phantom',
  })
  t.equal(headers['cache-control'], 'no-store')
  t.strictSame((await ask('?upstream=388')).body, body)
  t.strictSame((await ask('?upstream=388&phantomId=388')).body, body)
})

t.test('by name, and what is not set is null', async (t) => {
  const ask = await asking(t, phantom + office)
  t.strictSame((await ask('?upstream=office&token=x')).body, {
    wssServerUrl: 'wss://calls.example.com/api/sip-ws/office',
    sipDomain: null,
    busylightWsUrl: null,
    upstream: 'office',
  })
})

t.test('without the proxy a client is told the first target itself', async (t) => {
  const ask = await asking(t, phantom, { useSipProxy: false })
  t.match((await ask('?phantomId=388')).body, {
    wssServerUrl: 'wss://server1-388.phantomapi.net:8089/ws',
    sipDomain: 'server1-388.phantomapi.net',
  })
})

t.test('a public URL of plain http makes it ws, and its path stays before ours', async (t) => {
  const ask = await asking(t, office, { publicUrl: 'http://127.0.0.1:3000/calls/' })
  t.match((await ask('')).body, { wssServerUrl: 'ws://127.0.0.1:3000/calls/api/sip-ws/office' })
})

t.test(
  'without a parameter it is the only upstream, unless that needs an id or is not alone',
  async (t) => {
    t.match((await (await asking(t, office))('')).body, { upstream: 'office' })
    for (const several of [phantom, phantom + office, ' []']) {
      const { status, body } = await (await asking(t, several))('')
      t.equal(status, 400)
      t.match(body, { code: 'invalid_parameter', parameter: 'upstream' })
    }
  },
)

t.test(
  'what there is not is 404, and what cannot be is 400; each names its parameter',
  async (t) => {
    const ask = await asking(t, phantom + office)
    const cases: [query: string, status: number, body: object][] = [
      ['?phantomId=nobody', 404, { code: 'upstream_not_found', parameter: 'phantomId' }],
      ['?upstream=phantom', 404, { code: 'upstream_not_found', parameter: 'upstream' }],
      [
        '?upstream=1%40evil',
        404,
        { code: 'upstream_not_found', detail: "There is no upstream '1@evil'" },
      ],
      [`?upstream=${'1'.repeat(500)}`, 404, { code: 'upstream_not_found' }],
      ['?upstream=388&phantomId=389', 400, { code: 'invalid_parameter', parameter: 'phantomId' }],
      ['?upstream=', 400, { code: 'invalid_parameter', parameter: 'upstream' }],
      ['?upstream=a&upstream=b', 400, { code: 'invalid_parameter', parameter: 'upstream' }],
      ['?phantomID=388', 400, { code: 'invalid_parameter', parameter: 'phantomID' }],
    ]
    for (const [query, status, body] of cases) {
      const answer = await ask(query)
      t.equal(answer.status, status, query)
      t.match(answer.body, body, query)
      t.ok(JSON.stringify(answer.body).length < 500)
    }
  },
)

t.test('pages of allowed origins may read it, and nobody needs a credential', async (t) => {
  const ask = await asking(t, office)
  const { headers } = await ask('', { origin: page })
  t.equal(headers['access-control-allow-origin'], page)
  t.equal(headers['vary'], 'Origin')
  const other = await ask('', { origin: 'https://evil.example' })
  t.equal(other.headers['access-control-allow-origin'], undefined)
})

t.test('an address, behind which may be an office, may ask 1,200 times a minute', async (t) => {
  const ask = await asking(t, office)
  const statuses: number[] = []
  for (let count = 0; count < 1_200; count += 1) statuses.push((await ask('')).status)
  t.strictSame(new Set(statuses), new Set([200]))
  const { status, headers } = await ask('?upstream=nobody')
  t.equal(status, 429)
  t.match(headers, { 'ratelimit-policy': '"config";q=1200;w=60', 'retry-after': /^\d+$/ })
})

t.test(
  'a process with a bad file says everything that is wrong in it, and does not start',
  async (t) => {
    const dir = temporaryDir(t)
    const file = join(dir, 'upstreams.yaml')
    writeFileSync(file, 'upstreams:\n  - nmae: office\n    targets: ["udp:pbx.example:5060"]\n')
    const environment = {
      PORT: String(await freePort()),
      DATA_DIR: dir,
      JWT_SECRET: jwtSecret,
      SECRETS_KEY: secretsKey,
      SIP_UPSTREAMS_FILE: file,
    }
    const mistakes = [
      'line 2: upstreams[0].name is missing (example: office)',
      'line 2: upstreams[0].nmae is not known; did you mean name?',
      'line 3: upstreams[0].targets[0] is not supported by this version: udp: targets',
    ]
    for (const service of ['sip-proxy', 'all-in-one']) {
      const process = spawnService(service, environment)
      t.equal(await process.exited, 78, service)
      for (const mistake of mistakes) {
        t.match(process.output(), `SIP_UPSTREAMS_FILE: ${file} ${mistake}`, service)
      }
    }
    const check = [join(root, 'clients/cli/main.ts'), 'config', 'check', '--json']
    const checked = await promisify(execFile)(process.execPath, check, {
      env: cleanEnvironment(environment),
    }).catch((error: unknown) => error as { code: number; stdout: string })
    t.match(checked, { code: 78 })
    for (const mistake of mistakes) t.match(checked.stdout, mistake)
  },
)
