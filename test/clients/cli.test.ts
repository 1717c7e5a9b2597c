import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { jwtVerify } from 'jose'
import { test, type Test } from 'tap'
import { defaultSettings, providers, type Method } from '@switchhook/shared/providers'
import { commandName } from '../../clients/cli/command-name.ts'
import { freePort } from '../kit/process.ts'
import { runAll, runCli } from './run-cli.ts'
import type { AddressInfo } from 'node:net'

const telnyx = providers[0]!
const check = ['config', 'check']

async function endpoint(
  t: Test,
  listener: (...args: Parameters<RequestListener>) => void | Promise<void>,
): Promise<string> {
  const server = createServer((request, response) => void listener(request, response)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/telnyx`
}

test('without a command it lists them and exits 2; asked for help it exits 0', async (t) => {
  const [bare, help, names, token] = await runAll(t, [
    [],
    ['--help'],
    ['help', '--json'],
    ['token', '--help'],
  ])
  t.equal(bare.code, 2)
  t.match(bare.stderr, /^Usage: npx -y pnpm@12 switchhook <command>/)
  t.equal(help.code, 0)
  t.equal(help.stdout, bare.stderr)
  t.match(JSON.parse(names.stdout), ['demo', 'serve', 'token', 'simulate'])
  t.equal(token.code, 0)
  t.match(token.stdout, /^Usage: .*switchhook token .*--ttl <time> .*--json/s)
})

test('wrong usage exits 2 and suggests what was meant', async (t) => {
  const cases = [
    [['tokn'], "there is no command 'tokn'; did you mean token?"],
    [['config', 'chek'], "there is no command 'config chek'; did you mean config check?"],
    [['demo', 'now'], "'demo' takes no 'now'"],
    [['token', '--mail', 'x'], "Unknown option '--mail'"],
    [['serve', 'event-hib'], "there is no service 'event-hib'; did you mean event-hub?"],
    [['simulate'], '--private-key or TELNYX_PRIVATE_KEY is required'],
    [['simulate', '--private-key', 'x'], '--private-key or TELNYX_PRIVATE_KEY is no key to sign'],
    [['simulate', '--provider', 'x'], /--provider must be one of telnyx, dialpad, vapi/],
    [['events', 'tail', '--cursor', 'x'], "--cursor must be like k7:10482, is 'x'"],
  ] as const
  const results = await runAll(
    t,
    cases.map(([args]) => args),
  )
  for (const [index, [args, message]] of cases.entries()) {
    t.equal(results[index]!.code, 2, args.join(' '))
    t.match(results[index]!.stderr, message)
  }
})

test('a name that is no command leads to the nearest one', async (t) => {
  const known = ['token', 'events tail', 'config check', 'config docs']
  const suggestion = (...words: string[]) => {
    try {
      return commandName(words, known)
    } catch (error) {
      return String(error).replace(/.*did you mean /, '')
    }
  }
  t.equal(suggestion('token', '--email'), 'token')
  t.equal(suggestion('config', 'docs'), 'config docs')
  t.equal(suggestion('tail'), 'events tail?')
  t.equal(suggestion('config'), 'config check or config docs?')
})

test('a token is signed with a secret that is generated before the first start', async (t) => {
  const DATA_DIR = t.testdir({})
  const args = ['token', '--email', 'ada@example.com', '--role', 'agent', '--ttl', '30m']
  const { code, stdout } = await runCli(t, args, { DATA_DIR })
  t.equal(code, 0)
  t.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, 'nothing but the token')
  const secret = readFileSync(join(DATA_DIR, 'secrets/JWT_SECRET'), 'utf8').trim()
  const { payload, protectedHeader } = await jwtVerify(stdout.trim(), Buffer.from(secret))
  t.strictSame(protectedHeader, { alg: 'HS256', typ: 'JWT' })
  t.match(payload, { sub: 'ada@example.com', email: 'ada@example.com', role: 'agent' })
  t.equal(payload.exp! - payload.iat!, 1_800)
  t.notOk('app' in payload)
})

test('a token carries what the services demand, signed with the first of several secrets', async (t) => {
  const first = 'a'.repeat(32)
  const app = 'c7a53ba0-8f7b-4f4c-9b0e-6d1f7fa2c001'
  const { stdout } = await runCli(
    t,
    ['token', '--email', 'ada@example.com', '--sub', '42', '--app', app, '--json'],
    { JWT_SECRET: `${first},${'b'.repeat(32)}`, JWT_ISSUER: 'me', JWT_AUDIENCE: 'them' },
  )
  const { token, exp } = JSON.parse(stdout) as { token: string; exp: number }
  const { payload } = await jwtVerify(token, Buffer.from(first), { issuer: 'me', audience: 'them' })
  t.match(payload, { sub: '42', app, exp })
})

test('a token request with something missing or wrong is refused', async (t) => {
  const DATA_DIR = t.testdir({})
  const email = ['token', '--email', 'a@example.com']
  const lines = [
    ['token'],
    [...email, '--role', 'x'],
    [...email, '--ttl', '12'],
    [...email, '--app', 'x'],
  ]
  for (const { code, stdout } of await runAll(t, lines, { DATA_DIR })) {
    t.equal(code, 2)
    t.equal(stdout, '')
  }
  const short = await runCli(t, email, { JWT_SECRET: 'hunter2' })
  t.equal(short.code, 78)
  t.match(short.stderr, 'JWT_SECRET: each item must not have fewer than 32 characters')
  t.notMatch(short.stderr, 'hunter2')
})

test('config check shows what is in effect, without secrets', async (t) => {
  const settings = { DATA_DIR: t.testdir({}), PORT: '4321', JWT_SECRET: 'j'.repeat(32) }
  const [{ code, stdout }, json] = await runAll(t, [check, [...check, '--json']], settings)
  t.equal(code, 0)
  t.match(stdout, /^PORT=4321$/m)
  t.match(stdout, /^JWT_SECRET=\*\*\*$/m)
  t.notMatch(stdout, settings.JWT_SECRET)
  t.match(JSON.parse(json.stdout), { ok: true, config: { PORT: 4321 } })
})

test('config check tells all mistakes and exits 78', async (t) => {
  const settings = { DATA_DIR: t.testdir({}), PORT: 'x', LOG_LEVEL: 'loud', JWT_SECERT: 'y' }
  const [{ code, stdout, stderr }, asJson] = await runAll(
    t,
    [check, [...check, '--json']],
    settings,
  )
  t.equal(code, 78)
  t.equal(stdout, '')
  t.match(stderr, /^JWT_SECERT: is not known; did you mean JWT_SECRET\?$/m)
  t.match(stderr, /^PORT: must be an integer, is "x"/m)
  t.match(stderr, /^LOG_LEVEL: must be one of .*, is "loud"$/m)
  t.equal(asJson.code, 78)
  t.match(JSON.parse(asJson.stdout), {
    ok: false,
    mistakes: [{ name: 'JWT_SECERT' }, { name: 'PORT' }, { name: 'LOG_LEVEL' }],
  })
})

test('the generated pages about the configuration are up to date', async (t) => {
  const { code, stdout, stderr } = await runCli(t, ['config', 'docs', '--check'])
  t.equal(code, 0, stderr)
  t.equal(stdout, 'up to date\n')
})

for (const provider of providers) {
  const { name, simulator } = provider
  test(`simulate sends calls that verify as ${name} signs, one line per delivery`, async (t) => {
    const keys = simulator.newKeys()
    const verify = provider.verifier([keys.credential], defaultSettings(provider))
    let refused = 0
    const url = await endpoint(t, async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
      const { headers, method, url: path } = request
      const called = { method: method as Method, url: new URL(path!, url).href, headers, body }
      const verdict = await verify(called, Date.now())
      if (!verdict.ok) refused += 1
      response.end('{"status":"accepted","events":["e1"]}')
    })
    const flags = ['--provider', name, '--url', url, '--calls', '3', '--pace', 'fast']
    // Several may stand there during a rotation.
    const settings = { [simulator.signingKeyName]: `${keys.signingKey},another` }
    const { code, stdout, stderr } = await runCli(t, ['simulate', ...flags], settings)
    t.equal(code, 0, stderr)
    t.equal(refused, 0)
    const lines = stdout.match(/^200 {2}accepted {2}[a-z-]+(?: {2}\S+ → \S+)? {2}\d+ ms$/gm)
    t.equal(lines?.length, stdout.trimEnd().split('\n').length)
    t.ok((lines ?? []).length >= 3)
  })

  test(`simulate makes keys for ${name} that belong together`, async (t) => {
    const { stdout } = await runCli(t, ['simulate', '--provider', name, '--new-key', '--json'])
    const keys = JSON.parse(stdout) as Record<string, string>
    const body = Buffer.from('{}')
    const settings = defaultSettings(provider)
    const signingKey = keys[simulator.signingKeyName]!
    const url = 'https://calls.example.com/webhooks'
    const signed = simulator.sign(body, { signingKey, nowSeconds: 1_000, url, settings })
    const verify = provider.verifier([keys[provider.credentialName]!], settings)
    t.match(await verify(signed, 1_000_000), { ok: true })
  })
}

test('simulate tells why a delivery was refused, and what to do about it', async (t) => {
  const problem = {
    code: 'bad_signature',
    detail: 'The signature is wrong',
    fix: 'Use another key.',
  }
  const url = await endpoint(t, (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  })
  const TELNYX_PRIVATE_KEY = telnyx.simulator.newKeys().signingKey
  const refused = await runCli(t, ['simulate', '--url', url, '--pace', 'fast'], {
    TELNYX_PRIVATE_KEY,
  })
  t.equal(refused.code, 1)
  t.equal(refused.stderr, '401 bad_signature: The signature is wrong\nUse another key.\n')
  const closed = `http://127.0.0.1:${await freePort()}/`
  const nobody = await runCli(t, ['simulate', '--url', closed, '--json', '--pace', 'fast'], {
    TELNYX_PRIVATE_KEY,
  })
  t.equal(nobody.code, 1)
  t.match(JSON.parse(nobody.stdout), { ok: false, message: /cannot be reached: .*ECONNREFUSED/ })
})
