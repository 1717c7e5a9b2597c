import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { build } from '../kit/build.ts'
import { startTlsProxy } from '../kit/tls-proxy.ts'
import { runCli } from './run-cli.ts'

test('a token comes by file or environment, and is never shown', async (t) => {
  const { url, token } = await build(t)
  const file = join(t.testdir(), 'token')
  writeFileSync(file, `${token}\n`)
  const line = ['doctor', 'ws', '--url', `${url.replace('http', 'ws')}/ws`]
  const runs = await Promise.all([
    runCli(t, [...line, '--token-file', file]),
    runCli(t, line, { SWITCHHOOK_TOKEN: token }),
  ])
  for (const { code, stdout, stderr } of runs) {
    t.equal(code, 0)
    t.match(stdout, /^✓ token .*\n✓ socket {2}connected as .*\n✓ heartbeat .*\n✓ \/api\/ws\/check /)
    t.match(stderr, /^Connecting to 127\.0\.0\.1:\d+ …\n$/)
    t.notMatch(stdout + stderr, token)
  }
  const absent = await runCli(t, [...line, '--token-file', join(t.testdir(), 'absent')])
  t.match(absent, { code: 1, stderr: /cannot be read: ENOENT/ })
  const without = await runCli(t, [...line, '--json'])
  t.equal(without.code, 1)
  t.match(JSON.parse(without.stdout), [{ check: 'socket', code: 'auth_missing' }, {}])
})

test('an origin is refused with the setting to change', async (t) => {
  const { url } = await build(t, { environment: { ALLOWED_ORIGINS: 'https://crm.example.com' } })
  const asked = (origin: string) => runCli(t, ['doctor', 'origin', url, '--origin', origin])
  t.match(await asked('https://crm.example.com'), { code: 0, stdout: /is allowed\.\n✓ socket / })
  const { code, stdout } = await asked('http://crm.example.com')
  t.equal(code, 1)
  t.match(stdout, /✗ .*origin_not_allowed.*Add http:\/\/crm\.example\.com to ALLOWED_ORIGINS or/)
})

test('a deployment behind a proxy with TLS is looked at as a whole', async (t) => {
  const { url, token } = await build(t)
  const { url: front, ca } = await startTlsProxy(t, url)
  const file = join(t.testdir(), 'root.pem')
  writeFileSync(file, ca)
  const settings = { NODE_EXTRA_CA_CERTS: file, SWITCHHOOK_TOKEN: token }
  const { code, stdout, stderr } = await runCli(t, ['doctor', front], settings)
  t.equal(code, 0, stdout)
  t.match(stderr, /^Looking at localhost:\d+ …\n$/)
  t.match(stdout, /^✓ tls {2}It is trusted as it is: .* 11 more hours\. Renew it soon\.\n/)
  t.match(stdout, /\n✓ \/ws {2}WebSockets pass, and an idle socket is kept for 3 s\.\n/)
  t.match(stdout, /\n✓ \/events {2}events arrive as they are sent\.\n/)
  const unknown = await runCli(t, ['doctor', front, '--json'])
  t.equal(unknown.code, 1)
  t.match(JSON.parse(unknown.stdout), [{ check: 'tls', ok: false, code: /^upstream_/ }])
})
