import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { DCLinter } from 'dclint'
import { validate, ValidationSeverity } from 'dockerfile-utils'
import t from 'tap'
import { parse } from 'yaml'
import { upstreamsMistakes } from '@switchhook/services/sip-proxy/upstreams'
import { composePath, interpolate, readCompose } from './kit/deploy/compose.ts'
import { dockerfile, stagesOf } from './kit/deploy/dockerfile.ts'
import { cleanEnvironment, root } from './kit/process.ts'

const require = createRequire(import.meta.url)
const exec = promisify(execFile)
const compose = readCompose()

/** The rules about the order of lines are left out: ours tells a story. */
const lintRules = {
  'no-build-and-image': 0,
  'no-duplicate-container-names': 2,
  'no-duplicate-exported-ports': 2,
  'no-quotes-in-volumes': 0,
  // Tested below: only the profile that is for everyone listens for everyone.
  'no-unbound-port-interfaces': 0,
  'no-version-field': 2,
  'require-project-name-field': 2,
  'require-quotes-in-ports': 2,
  'service-container-name-regex': 2,
  'service-dependencies-alphabetical-order': 0,
  'service-image-require-explicit-tag': 2,
  'service-keys-order': 0,
  'service-ports-alphabetical-order': 0,
  'services-alphabetical-order': 0,
  'top-level-properties-order': 0,
} as const

t.test('docker-compose.yml fits the specification, and its linter has nothing to say', (t) => {
  const folder = join(dirname(require.resolve('dclint/package.json')), 'schemas')
  const text = readFileSync(join(folder, 'compose.schema.json'), 'utf8')
  // Named by an address that is not quite the one of the draft.
  const { $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const fits = ajv.compile(schema)
  t.ok(fits(parse(readFileSync(composePath, 'utf8'), { merge: true })), ajv.errorsText(fits.errors))
  t.notOk(fits({ services: { web: { imag: 'x' } } }))
  const linter = new DCLinter({ rules: lintRules, quiet: true, debug: false, exclude: [] })
  t.strictSame(
    linter
      .lintFiles([composePath], false)
      .flatMap((file: { messages: unknown[] }) => file.messages),
    [],
  )
  t.end()
})

t.test('every container is held tight', (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    t.equal(service['read_only'], true, `${name}: nothing is written but to volumes`)
    t.strictSame(service['cap_drop'], ['ALL'], name)
    t.strictSame(service['security_opt'], ['no-new-privileges:true'], name)
    t.match(service['mem_limit'], /^\d+[mg]$/, `${name}: bounded memory`)
    t.type(service['pids_limit'], 'number', name)
    t.match(service['logging'], { options: { 'max-size': '10m', 'max-file': '3' } }, name)
    t.equal(service['restart'], name === 'secrets' ? 'no' : 'unless-stopped', name)
    t.match(service.image, /^[a-z]+:(local|\d[\w.-]*)$/, `${name}: a version, not the latest`)
    t.notOk('privileged' in service || 'devices' in service || 'pid' in service, name)
    const isProxy = name.startsWith('proxy')
    t.strictSame(service['cap_add'], isProxy ? ['NET_BIND_SERVICE'] : undefined, name)
    t.notMatch(JSON.stringify(service.environment ?? {}), /(SECRET|PASSWORD|KEY)":/, name)
  }
  t.end()
})

t.test('only the profile that is for everyone listens for everyone', (t) => {
  const ports = Object.values(compose.services).flatMap((service) =>
    ((service['ports'] ?? []) as string[]).map((port) => ({ port, profiles: service['profiles'] })),
  )
  t.equal(ports.length, 4)
  for (const { port, profiles } of ports) {
    t.equal(port.startsWith('127.0.0.1:'), profiles === undefined, port)
  }
  const [network] = compose.networks['edge']!.ipam!.config
  for (const name of ['webhook-ingest', 'event-hub', 'sip-proxy']) {
    t.equal(compose.services[name]!.environment!['TRUST_PROXY'], network!.subnet)
  }
  t.end()
})

t.test('what is mounted is there, and read-only where it is only read', (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const volume of (service['volumes'] ?? []) as string[]) {
      const [source = '', , mode] = volume.split(':')
      const file = source.startsWith('./')
      t.ok(file ? existsSync(join(root, source)) : source in compose.volumes, volume)
      t.equal(mode === 'ro', file || (source === 'secrets' && name !== 'secrets'), volume)
    }
  }
  t.end()
})

t.test('the example of a file of upstreams is one', (t) => {
  const upstreamsFile = join(root, 'deploy/config/upstreams.example.yaml')
  const settings = { upstreamsFile, allowInsecureUpstream: false, replicated: true }
  t.strictSame(upstreamsMistakes(settings), [])
  t.end()
})

t.test('the front proxy takes a domain as it takes a port', async (t) => {
  const config = ['adapt', '--adapter', 'caddyfile', '--config', join(root, 'deploy/Caddyfile')]
  const listen = async (SITE: string): Promise<string> => {
    const { stdout } = await exec('/usr/bin/caddy', config, { env: cleanEnvironment({ SITE }) })
    return stdout
  }
  t.match(await listen('calls.example.com'), /":443".*"calls\.example\.com"/)
  t.match(await listen(compose.services['proxy']!.environment!['SITE']!), '":3000"')
})

t.test('addresses follow from one variable', (t) => {
  const address = (variables: Record<string, string>): string =>
    readCompose(variables).services['event-hub']!.environment!['PUBLIC_URL']!
  t.equal(address({}), 'http://127.0.0.1:3000')
  t.equal(address({ PORT: '3100' }), 'http://127.0.0.1:3100')
  t.equal(address({ DOMAIN: 'calls.example.com' }), 'https://calls.example.com')
  t.equal(address({ DOMAIN: 'a.example', PUBLIC_URL: 'https://b.example' }), 'https://b.example')
  const { environment } = readCompose({ DOMAIN: 'calls.example.com' }).services['proxy-tls']!
  t.strictSame(environment, { SITE: 'calls.example.com' }, 'and everyone is believed nothing')
  t.equal(interpolate('${A:-${B:+b}}', { B: 'x' }), 'b')
  t.end()
})

t.test('the Dockerfile is sound', (t) => {
  const found = validate(dockerfile, { instructionCasing: ValidationSeverity.ERROR })
  t.strictSame(found, [])
  const stages = stagesOf(dockerfile)
  const names = new Set(stages.map(({ name }) => name))
  const node = /^ {2}node@(\S+):$/m.exec(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'))![1]
  for (const { base, steps } of stages) {
    t.ok(names.has(base) || base === `node:${node}-bookworm-slim`, `${base}: as in the lockfile`)
    t.notOk(steps.some(({ keyword }) => keyword === 'ADD'))
    for (const { text } of steps.filter(({ text }) => text.startsWith('pnpm install'))) {
      t.match(text, /--frozen-lockfile --ignore-scripts/)
    }
    const settings = steps.filter(({ keyword }) => ['ARG', 'ENV'].includes(keyword))
    t.notMatch(settings.map(({ text }) => text).join(' '), /secret|password|token|key/i)
  }
  const one = (keyword: string) =>
    stages.at(-1)!.steps.find((step) => step.keyword === keyword)?.text
  t.match(one('USER'), /^[1-9]\d*:[1-9]\d*$/)
  t.match(one('CMD'), /^\["node_modules\/\.bin\/node", /)
  t.match(one('HEALTHCHECK'), /^CMD \[/)
  t.equal(one('ENTRYPOINT'), '[]')
  t.equal(one('STOPSIGNAL'), 'SIGTERM')
  for (const name of ['secrets', 'webhook-ingest', 'event-hub', 'sip-proxy']) {
    const { command } = compose.services[name]!
    t.equal(command![0], 'node_modules/.bin/node', name)
    t.ok(existsSync(join(root, command![1]!)), `${name}: ${command![1]}`)
  }
  t.end()
})
