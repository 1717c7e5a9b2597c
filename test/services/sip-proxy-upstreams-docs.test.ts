import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { makeAuthority } from '../kit/certificates/index.ts'
import { freePort, ready, root, spawnService } from '../kit/process.ts'
import { differences, examplesIn } from '../kit/shown.ts'
import { upstreamsMistakes } from '../../services/sip-proxy/upstreams/index.ts'

const exec = promisify(execFile)
const page = readFileSync(join(root, 'docs/sip/upstreams.md'), 'utf8')
const [, example = ''] = /^```yaml\n([^]*?)^```$/m.exec(page) ?? []

t.test('a suite with the file that the page shows answers what the page shows', async (t) => {
  const dir = temporaryDir(t)
  const file = join(dir, 'upstreams.yaml')
  const { root: rootCertificate, intermediate } = await makeAuthority()
  writeFileSync(file, example)
  mkdirSync(join(dir, 'certs'))
  writeFileSync(join(dir, 'certs/root.pem'), rootCertificate)
  writeFileSync(join(dir, 'certs/intermediate.pem'), intermediate)
  const service = spawnService('sip-proxy', {
    PORT: String(await freePort()),
    PUBLIC_URL: 'http://127.0.0.1:3000',
    DATA_DIR: join(dir, 'data'),
    JWT_SECRET: jwtSecret,
    SECRETS_KEY: secretsKey,
    SIP_UPSTREAMS_FILE: file,
  })
  t.teardown(() => service.child.kill('SIGKILL'))
  await ready(service)
  const env = { PATH: process.env['PATH'], URL: service.url }
  const examples = examplesIn(page)
  for (const { command, answer } of examples) {
    const { stdout } = await exec('sh', ['-ec', command], { env, timeout: 60_000 })
    t.strictSame(differences(answer, stdout), [], command)
  }
  t.equal(examples.length, 3)
  service.child.kill('SIGTERM')
  t.equal(await service.exited, 0)
})

t.test('the schema for editors takes what the process takes', (t) => {
  const schema = readFileSync(join(root, 'docs/sip/upstreams.schema.json'), 'utf8')
  const ajv = new Ajv2020({ strict: true, allErrors: true })
  const check = ajv.compile(JSON.parse(schema) as object)
  t.ok(check(parse(example)), JSON.stringify(check.errors))
  const one = (values: object) => ({
    upstreams: [{ name: 'a', targets: ['wss://a.example'], ...values }],
  })
  const values: object[] = [
    {},
    { tls: { trust: 'system', servername: 'a.example' } },
    { contactHost: '[2001:db8::1]:5060', sipDomain: '[2001:db8::1]' },
    { auth: 'none' },
    { tls: { trust: 'pin', pins: ['sha256/short'] } },
    { targets: [] },
    { name: 'a b' },
    { tsl: {} },
    { maxSockets: 0 },
    { contactHost: 'a:70000' },
    { app: 'mine' },
    { origin: 'https://a.example/' },
  ]
  for (const [index, each] of values.entries()) {
    const file = join(temporaryDir(t), 'upstreams.yaml')
    writeFileSync(file, stringify(one(each)))
    const settings = { allowInsecureUpstream: false, replicated: false, upstreamsFile: file }
    const isTaken = upstreamsMistakes(settings).length === 0
    t.equal(isTaken, index < 3, JSON.stringify(each))
    t.equal(check(one(each)), isTaken, JSON.stringify(each))
  }
  t.end()
})
