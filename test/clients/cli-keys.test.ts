import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { build, internalSecret, temporaryDir } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { freePort } from '../kit/process.ts'
import { runCli } from './run-cli.ts'

const settings = { INTERNAL_API_SECRET: internalSecret }
const nobody = '00000000-0000-4000-8000-000000000000'

test('a key is printed alone, opens the API, is listed, replaced and revoked', async (t) => {
  const { url } = await build(t)
  const keys = (...args: string[]) => runCli(t, ['keys', ...args, '--url', url], settings)
  const opens = async (key: string): Promise<boolean> => {
    return (await fetch(`${url}/api/events`, { headers: { 'x-app-api-key': key } })).ok
  }
  const none = await keys('list')
  t.match(none, { code: 0, stdout: '', stderr: /no API key: keys create makes one/ })
  const created = await keys('create')
  t.match(created, { code: 0, stdout: /^app_[0-9A-Za-z]{49}\n$/ }, created.stderr)
  t.match(created.stderr, /shown this once.*X-App-Api-Key/)
  const first = created.stdout.trim()
  t.ok(await opens(first))
  t.match(await keys('create'), { code: 1, stdout: '', stderr: /has an API key already: app_/ })
  const rotated = await keys('rotate', '--grace', '1h', '--expires', '90d', '--json')
  const second = JSON.parse(rotated.stdout) as { id: string; key: string; graceUntil: string }
  t.match(second, { key: /^app_/, expiresAt: /Z$/, graceUntil: /Z$/ })
  t.equal(rotated.stderr, '')
  t.ok((await opens(first)) && (await opens(second.key)))
  const listed = await keys('list')
  t.match(listed.stdout, `${second.id}  ${second.key.slice(0, 12)}…  made `)
  t.match(listed.stdout, `accepted until ${second.graceUntil}`)
  t.notMatch(listed.stdout, first)
  t.match(await keys('revoke', second.id), { code: 0, stdout: `${second.id} is revoked\n` })
  t.notOk(await opens(second.key))
  t.match((await keys('list')).stdout, /revoked 2/)
  t.match((await keys('rotate')).stderr, /shown this once/)
  t.notOk(await opens(first), 'without a grace it ends at once')
})

test('with several apps one has to be chosen, and they are named', async (t) => {
  const { url, app } = await build(t)
  const created = await internal(url, '/apps', { method: 'POST', body: { name: 'Branch 2' } })
  const { id } = created.body as { id: string }
  const list = (...args: string[]) => runCli(t, ['keys', 'list', '--url', url, ...args], settings)
  const several = await list()
  t.equal(several.code, 2)
  t.match(several.stderr, `--app ${app.directory.firstApp.id}  default`)
  t.match(several.stderr, `--app ${id}  Branch 2`)
  t.equal((await list('--app', id)).code, 0)
  t.match(await list('--app', nobody), { code: 1, stderr: /404 app_not_found: There is no app/ })
})

test('the secret of this machine opens the door, and another one does not', async (t) => {
  const { url } = await build(t)
  const DATA_DIR = temporaryDir(t)
  mkdirSync(join(DATA_DIR, 'secrets'))
  writeFileSync(join(DATA_DIR, 'secrets/INTERNAL_API_SECRET'), `${internalSecret}\n`)
  const { port } = new URL(url)
  t.match(await runCli(t, ['keys', 'list'], { DATA_DIR, PORT: port }), { code: 0 })
  const secret = ['--secret', internalSecret]
  t.match(await runCli(t, ['keys', 'list', ...secret], { PORT: port }), { code: 0 })
  const wrong = await runCli(t, ['keys', 'list', '--url', `${url}/`], {
    INTERNAL_API_SECRET: 'w'.repeat(32),
  })
  t.match(wrong, { code: 1, stderr: /403 internal_auth_wrong: .*\nCompare it/ })
})

test('wrong usage is 2, a service that is not there is 1', async (t) => {
  const { url } = await build(t)
  const cases: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
    [['rotate', '--grace', 'soon'], 2, /--grace must be like 0, 30m, 24h or 7d, is 'soon'/],
    [['create', '--expires', 'soon'], 2, /--expires must be like 90d, or 2027-01-31T00:00:00Z/],
    [['create', '--grace', '1h'], 2, /Unknown option '--grace'/],
    [['list', '--app', 'x'], 2, /--app 'x' is not a UUID/],
    [['list', '--url', 'x'], 2, /--url must be a URL/],
    [['revoke'], 2, /it takes the id of one key/],
    [['rotate', '--grace', '8d'], 1, /400 invalid_parameter: graceSeconds/],
    [['create', '--expires', '2001-01-01T00:00:00Z'], 1, /400 invalid_parameter: expiresAt/],
    [['revoke', 'x'], 1, /400 invalid_uuid: 'x' is not a UUID/],
    [['revoke', nobody], 1, /404 api_key_not_found/],
    [['list', '--url', `http://127.0.0.1:${await freePort()}`], 1, /cannot be reached.*ECONNREF/],
  ]
  for (const [args, code, message] of cases) {
    const whole = args.includes('--url') ? args : [...args, '--url', url]
    const result = await runCli(t, ['keys', ...whole], settings)
    t.equal(result.code, code, args.join(' '))
    t.match(result.stderr, message)
    t.notMatch(result.stderr, /ADMIN_PORT/, 'this is not about the address')
  }
  const elsewhere = await runCli(t, ['keys', 'list', '--url', `${url}/elsewhere`], settings)
  t.match(elsewhere, { code: 1, stderr: /^404 not_found: .*\n.*event-hub, on ADMIN_PORT/ })
})

test('keys --help lists what can be done with keys', async (t) => {
  for (const words of [['--help'], ['-h'], ['help']]) {
    const help = await runCli(t, ['keys', ...words])
    t.match(help, { code: 0, stderr: '', stdout: /^ {2}keys create .*^ {2}keys revoke /ms })
    t.notMatch(help.stdout, 'simulate')
  }
})
