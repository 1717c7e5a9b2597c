import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import { WebSocket } from 'ws'
import { connect } from './kit/client.ts'
import { startCaddy } from './kit/deploy/caddy.ts'
import { readCompose } from './kit/deploy/compose.ts'
import { runContainer } from './kit/deploy/container.ts'
import { ask, echo } from './kit/deploy/echo.ts'
import { buildImage } from './kit/deploy/image.ts'
import { officeOf, okOfSip } from './kit/deploy/office.ts'
import { services, startStack, type Service, type Stack } from './kit/deploy/stack.ts'
import { freePort, ready, root } from './kit/process.ts'
import { post, telnyxEvent, telnyxKeys } from './kit/sender.ts'

const compose = readCompose()
const image = await buildImage(t)

/** What an operator copies from the page. */
function inPage(command: RegExp): string {
  return command.exec(readFileSync(join(root, 'docs/operations.md'), 'utf8'))![1]!
}

t.test(
  'the image has what its processes import, and nothing that is none of its business',
  async (t) => {
    const app = join(image.root, image.workdir)
    const mains = globSync(['services/*/main.ts', 'clients/cli/main.ts', 'deploy/*.ts'], {
      cwd: app,
    })
    t.equal(mains.length, globSync('services/*/main.ts', { cwd: root }).length + 3)
    const seen = new Set<string>()
    const follow = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const imported of importsOf(file)) follow(locate(imported, file))
    }
    for (const main of mains) follow(join(app, main))
    t.ok(seen.size > 100)
    for (const file of seen) t.ok(file.startsWith(`${app}/`), relative(app, file))
    const folders = readdirSync(app).filter((name) => statSync(join(app, name)).isDirectory())
    const rooms = ['clients', 'deploy', 'node_modules', 'plugins', 'services', 'shared']
    t.strictSame(folders.sort(), rooms)
    t.ok(existsSync(join(app, 'clients/console/dist/index.html')))
    t.ok(existsSync(join(app, 'clients/browser/dist/sdk.js')))
  },
)

/** Of our own: what packages import is theirs to bring. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^import type .*$/gm, '')
  return [...text.matchAll(/(?:from|import\(|^import)\s*'((?:\.|@switchhook\/)[^']+)'/gm)].map(
    (match) => match[1]!,
  )
}

function locate(imported: string, importer: string): string {
  if (imported.startsWith('.')) return resolve(dirname(importer), imported)
  return createRequire(importer).resolve(imported)
}

t.test('every setting of a service reaches it', async (t) => {
  const check = async (name: string): Promise<void> => {
    const { command } = compose.services[name]!
    const asked = runContainer(t, image, { command: [...command!, '--config-docs'] })
    t.equal(await asked.exited, 0, asked.output())
    const documents = JSON.parse(asked.output()) as Record<string, string>
    const settings = [...documents['.env.example']!.matchAll(/^#([A-Z\d_]+)=/gm)].map(
      ([, one]) => one!,
    )
    t.ok(settings.length > 10)
    const { environment } = readCompose(Object.fromEntries(settings.map((one) => [one, '1'])))
      .services[name]!
    const given = new Set([...Object.keys(environment!), ...Object.keys(image.environment)])
    const missing = settings.filter(
      (one) => !given.has(one) && !given.has(`${one}_FILE`) && !notInContainers.has(one),
    )
    t.strictSame(
      missing,
      [],
      `${name}: a line for each in docker-compose.yml, with or without a value`,
    )
  }
  await Promise.all(services.map(check))
})

const notInContainers = new Set([
  // Its routes are reached through the proxy.
  'ADMIN_PORT',
  // The database is the one beside it.
  'DATABASE_URL',
  'DB_PORT',
  'ALLOW_UNSAFE_DURABILITY',
])

t.test('secrets are made once and stay', async (t) => {
  const [program = '', script = '', place = ''] = compose.services['secrets']!.command!
  const folder = join(image.root, place)
  const run = async (): Promise<string> => {
    const made = runContainer(t, image, { command: [program, script, folder] })
    t.equal(await made.exited, 0, made.output())
    return made.output()
  }
  t.equal((await run()).match(/: made/g)?.length, 5)
  const names = readdirSync(folder).sort()
  const digests = (): string[] => names.map((name) => digest(join(folder, name)))
  const first = digests()
  t.equal(new Set(first).size, 5, 'each is another one')
  t.equal((await run()).match(/: kept/g)?.length, 5)
  t.strictSame(digests(), first)
  t.strictSame(readdirSync(folder).sort(), names, 'no drafts are left')
  for (const name of names) {
    const ofDatabase = ['DB_PASSWORD', 'POSTGRES_PASSWORD'].includes(name)
    t.equal(statSync(join(folder, name)).mode & 0o777, ofDatabase ? 0o640 : 0o600, name)
  }
  const used = JSON.stringify(Object.values(compose.services).map((service) => service.environment))
  const named = new Set([...used.matchAll(/"\/secrets\/(\w+)"/g)].map((match) => match[1]!))
  t.strictSame(
    [...named, 'DB_PASSWORD'].filter((name) => !names.includes(name)),
    [],
  )
  const lost = runContainer(t, image, { command: [program, script] })
  t.equal(await lost.exited, 2)

  const key = join(folder, 'JWT_SECRET')
  const old = readFileSync(key, 'utf8')
  const rotation = inPage(/^docker compose run --rm secrets sh -c '(.*)'$/m)
  const command = ['sh', '-c', rotation.replaceAll('/secrets/', `${folder}/`)]
  t.equal(await runContainer(t, image, { command }).exited, 0)
  t.match(readFileSync(key, 'utf8'), /^[\w+/]{43}=,/, 'a new one in front')
  t.ok(readFileSync(key, 'utf8').endsWith(`,${old}`), 'of the old')
})

const digest = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')

/** What each process says of itself at `/openapi.json`. */
const documented = new Map<Service, ReadonlySet<string>>()

const marks: Readonly<Record<Service, string>> = {
  'webhook-ingest': '/webhooks/{provider}',
  'event-hub': '/api/calls',
  'sip-proxy': '/api/config',
}

async function pathsOf({ running }: Stack, name: Service): Promise<ReadonlySet<string>> {
  const answer = await fetch(`${running[name].url}/openapi.json`)
  return new Set(Object.keys(((await answer.json()) as { paths: object }).paths))
}

t.test(
  'the stack runs: a webhook in, a socket out, SIP both ways, through the proxy',
  async (t) => {
    const stack = await startStack(t, image, {
      TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
      SIP_UPSTREAMS_FILE: await officeOf(t),
    })
    const { url, running } = stack
    for (const name of services) {
      const probe = stack.exec(name, image.healthcheck)
      t.equal(await probe.exited, 0, probe.output())
    }
    t.equal((await fetch(`${url}/readyz`, { method: 'HEAD' })).status, 200, 'as its container asks')
    t.equal((await fetch(`${url}/metrics`)).status, 404, 'for operators only')
    t.match(await (await fetch(url)).text(), /<!doctype html>/i, 'the console')

    const asked = stack.exec(
      'event-hub',
      inPage(/^docker compose exec event-hub (.* token .*)$/m).split(' '),
    )
    t.equal(await asked.exited, 0)
    t.match(asked.output(), /^[\w-]+\.[\w-]+\.[\w-]+\n$/, 'the token and nothing else')
    const token = asked.output().trim()
    const client = await connect(url, { token, modern: true, headers: { origin: url } })
    await client.nextNamed('head')
    t.equal((await post(url, telnyxEvent())).status, 200)
    t.match(await client.nextNamed('call-initiated'), {
      seq: 1,
      data: { from: '+12025550133' },
    })

    const phone = new WebSocket(`${url}/api/sip-ws/office`.replace('http', 'ws'), 'sip', {
      origin: url,
    })
    await once(phone, 'open')
    t.equal(phone.protocol, 'sip')
    phone.send('OPTIONS sip:example.com SIP/2.0\r\nContent-Length: 0\r\n\r\n')
    t.equal(String((await once(phone, 'message'))[0]), okOfSip)

    await t.test('who calls is known, whatever a caller says', async (t) => {
      const knock = async (localAddress: string, forwarded: string): Promise<string> => {
        const headers = { 'x-forwarded-for': forwarded }
        const socket = new WebSocket(`${url}/ws`.replace('http', 'ws'), { localAddress, headers })
        socket.on('error', () => {})
        const refused = once(socket, 'unexpected-response').then(() => 'refused')
        return Promise.race([refused, once(socket, 'open').then(() => 'explained')])
      }
      for (let count = 0; count < 10; count += 1) {
        t.equal(await knock('127.0.0.2', '127.0.0.9'), 'explained')
      }
      t.equal(await knock('127.0.0.2', '127.0.0.8'), 'refused', 'a budget for each address')
      t.equal(await knock('127.0.0.3', '127.0.0.2'), 'explained')
    })

    for (const name of services) {
      documented.set(name, await pathsOf(stack, name))
    }
    for (const [name, path] of Object.entries(marks)) {
      const found = [...documented]
        .filter(([, paths]) => paths.has(path))
        .map(([service]) => service)
      t.strictSame(found, [name], `${path} is described by one process`)
    }

    const hungUp = once(phone, 'close')
    for (const name of services) {
      running[name].child.kill('SIGTERM')
      t.equal(await running[name].exited, 0, `${name}: ${running[name].output()}`)
    }
    t.equal((await client.closed).code, 1012)
    t.equal((await hungUp)[0], 1012)
    t.not(await stack.exec('event-hub', image.healthcheck).exited, 0)
    t.equal(await stack.proxy.stop(), 0)
  },
)

t.test('one process alone runs in the image, with a volume', async (t) => {
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    DATA_DIR: join(image.root, image.environment['DATA_DIR']!),
  }
  const running = runContainer(t, image, { command: image.command, environment })
  await ready(running)
  t.equal((await fetch(`${running.url}/readyz`)).status, 200)
  running.child.kill('SIGTERM')
  t.equal(await running.exited, 0)
})

t.test('the proxy sends each path where it belongs, byte for byte', async (t) => {
  const [ingest, hub, sip, front] = await Promise.all(Array.from({ length: 4 }, () => freePort()))
  const upstreams = {
    'webhook-ingest:3000': `127.0.0.1:${ingest}`,
    'event-hub:3000': `127.0.0.1:${hub}`,
    'sip-proxy:3000': `127.0.0.1:${sip}`,
  }
  await echo(t, 'ingest', ingest!)
  await echo(t, 'sip', sip!)
  const proxy = await startCaddy(t, {
    environment: { SITE: `http://:${front}`, TRUST: '127.0.0.2/32' },
    upstreams,
  })
  const url = `http://127.0.0.1:${front}`
  const early = ask(`${url}/ws?token=canary`)
  t.match(await ask(`${url}/webhooks/telnyx?a=%20b`), {
    name: 'ingest',
    path: '/webhooks/telnyx?a=%20b',
  })
  await echo(t, 'hub', hub!)
  t.match(await early, { name: 'hub' }, 'a service that starts is waited for')
  const ofApp = '/internal/apps/0b8f9a7e-4f2b-4c58-9a53-1c6f0b7c2d11'
  const toIngest =
    `/auth/dialpad /internal/deliveries/1 /internal/replay /webhooks/a/b ${ofApp}/connections ` +
    `${ofApp}/connections/dialpad`
  for (const path of toIngest.split(' ')) t.match(await ask(url + path), { name: 'ingest', path })
  const toSip =
    '/api/sip-ws/388 /api/sip-check?upstream=office /api/sip-trace?call=1 /api/config?phantomId=388 ' +
    '/api/registrations /api/registrations?limit=1 /api/registrations/sip:1001%40example.com/refresh'
  for (const path of toSip.split(' ')) t.match(await ask(url + path), { name: 'sip', path })
  const toHub =
    '/ /ws /events /livez /webhooks /docs /docs/page.js /openapi.json /api/calls?from=1 ' +
    `/api/calls/a%2Fb/events /api/voicemails/1 /internal/apps /internal/audit ${ofApp}/api-key ` +
    `${ofApp}/api-key/audit ${ofApp}/user-mappings/1 ${ofApp}/providers/telnyx`
  for (const path of toHub.split(' ')) t.match(await ask(url + path), { name: 'hub', path })
  const names: Readonly<Record<Service, string>> = {
    'webhook-ingest': 'ingest',
    'event-hub': 'hub',
    'sip-proxy': 'sip',
  }
  for (const [service, paths] of documented) {
    const others = [...documented].filter(([other]) => other !== service)
    const own = [...paths].filter((path) => others.every(([, theirs]) => !theirs.has(path)))
    t.ok(own.length > 2)
    for (const path of own) {
      const name = names[service]
      t.match(await ask(url + path.replaceAll(/\{\w+\}/g, 'x')), { name }, `${path} is of ${name}`)
    }
  }
  const forwarded = { headers: { 'x-forwarded-for': '203.0.113.7' } }
  t.match((await ask(url, forwarded)).headers, {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    host: url.slice(7),
  })
  const behind = `http://127.0.0.1:${await freePort()}`
  const trusting = { SITE: behind.replace('127.0.0.1', ''), TRUST: '127.0.0.1/32' }
  await startCaddy(t, { environment: trusting, upstreams })
  t.match((await ask(behind, forwarded)).headers, {
    'x-forwarded-for': '203.0.113.7, 127.0.0.1',
  })
  const bytes = randomBytes(100_000)
  const { body } = await ask(`${url}/webhooks/telnyx`, { method: 'POST', body: bytes })
  t.ok(Buffer.from(body, 'base64').equals(bytes))

  const cut = {
    method: 'POST',
    headers: { 'sec-websocket-protocol': 'bearer.canary', 'x-cut': 'yes' },
  }
  t.equal((await fetch(`${url}/api/calls?token=canary`, cut)).status, 502)
  t.match(proxy.output(), '"/api/calls"', 'a failure is logged')
  t.notMatch(proxy.output(), 'canary', 'without what may be a token')
})
