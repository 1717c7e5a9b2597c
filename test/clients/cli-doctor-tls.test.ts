import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { Check } from '@switchhook/shared/doctor'
import { makeAuthority, selfSigned, serveSip } from '../kit/certificates/index.ts'
import { runAll, runCli } from './run-cli.ts'

/** A PBX with a leaf alone, whose intermediate is published, and whose root a machine may know. */
async function brokenPbx(t: Test) {
  const authority = await makeAuthority('PBX')
  const server = createServer((_, response) => response.end(authority.intermediate))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { key, cert, chain } = await authority.issue({ aia: `http://127.0.0.1:${port}/` })
  const { url } = await serveSip(t, { key, chain: [cert] })
  const whole = await serveSip(t, { key, chain })
  const root = join(t.testdir(), 'root.pem')
  writeFileSync(root, authority.root)
  return { url, whole: whole.url, known: { NODE_EXTRA_CA_CERTS: root }, authority }
}

test('people see what is wrong, what to paste and what to repair, and programs the same', async (t) => {
  const { url, known, authority } = await brokenPbx(t)
  const { code, stdout, stderr } = await runCli(t, ['doctor', 'tls', url, '--allow-private'], known)
  t.equal(code, 1)
  t.match(stderr, /^Looking at localhost:\d+ …\n$/)
  const { port } = new URL(url)
  t.match(
    stdout,
    new RegExp(
      [
        `^✓ connection  localhost:${port} is 127\\.0\\.0\\.1 and speaks TLSv1\\.3\\.`,
        "✓ sent 1 of 1  'CN=localhost' by 'CN=PBX Intermediate', .*; pin sha256/.*\\.",
        "✗ trust  upstream_chain_incomplete: localhost:\\d+ sends .* without that of 'CN=PBX Inter.*",
        "✓ found  'CN=PBX Intermediate' by 'CN=PBX Root', .*",
        '✓ setting  With this in SIP_UPSTREAMS_FILE the proxy connects, host name and dates checked\\.',
        '    upstreams:',
        '      - name: localhost',
        `        targets: \\["wss://localhost:${port}/ws"\\]`,
        '        tls: \\{ trust: extraCa, ca: \\["localhost\\.pem"\\] \\} # localhost\\.pem: .*',
        '        allowPrivate: true',
        '-----BEGIN CERTIFICATE-----',
        '([\\w+/=]+\n)+-----END CERTIFICATE-----',
        '✓ server  Or, better, let the PBX send the full chain\\.',
        '    cat leaf\\.pem intermediate\\.pem > fullchain\\.pem .*',
        '    Asterisk: .*\n    Kamailio: .*\n    FreeSWITCH: .*\n$',
      ].join('\n'),
    ),
  )
  const asked = await runCli(t, ['doctor', 'tls', url, '--allow-private', '--json'], known)
  t.equal(asked.stderr, '')
  const checks = JSON.parse(asked.stdout) as Check[]
  t.match(
    checks.find(({ check }) => check === 'setting'),
    { ok: true, fix: null, details: { trust: 'extraCa', pem: authority.intermediate.trim() } },
  )
})

test('certificates go to a file where one is named, and nowhere else', async (t) => {
  const { url, known, authority } = await brokenPbx(t)
  const file = join(t.testdir(), 'pbx.pem')
  const args = ['doctor', 'tls', url, '--allow-private', '--out', file]
  const { code, stdout } = await runCli(t, args, known)
  t.equal(code, 1)
  t.match(stdout, `ca: ["${file}"]`)
  t.notMatch(stdout, 'BEGIN CERTIFICATE')
  t.equal(readFileSync(file, 'utf8').trim(), authority.intermediate.trim())
  const nowhere = join(t.testdir(), 'no', 'such', 'directory')
  const failed = await runCli(t, [...args.slice(0, -1), nowhere], known)
  t.match(failed, { code: 1, stderr: /cannot be written: ENOENT/ })
  t.notOk(existsSync(nowhere))
})

test('a chain that is whole and known is trusted', async (t) => {
  const { whole, known } = await brokenPbx(t)
  const { code, stdout } = await runCli(t, ['doctor', 'tls', whole], known)
  t.equal(code, 0)
  t.match(stdout, /\n✓ trust {2}It is trusted as it is: 'CN=localhost', for \d+ more days\.\n$/)
})

test('the search for SIP tells the way that works, and a certificate in its way', async (t) => {
  const { whole, known } = await brokenPbx(t)
  const wrong = whole.replace('/ws', '/')
  const { code, stdout, stderr } = await runCli(t, ['doctor', 'sip', wrong], known)
  t.equal(code, 1)
  t.match(stderr, /^Trying wss:.* for 10 s at most …\n$/)
  t.match(
    stdout,
    /^✓ wss:\/\/localhost:\d+\/ws with 'sip' {2}101.*\n✗ wss:\/\/localhost:\d+\/ with 'sip' /,
  )
  t.match(stdout, /Use wss:\/\/localhost:\d+\/ws, which works\./)
  const right = await runCli(t, ['doctor', 'sip', whole, '--json'], known)
  t.equal(right.code, 0)
  t.match(JSON.parse(right.stdout), [{ ok: true }, { code: 'skipped' }])
  const own = await serveSip(t, await selfSigned())
  const refused = await runCli(t, ['doctor', 'sip', own.url])
  t.equal(refused.code, 1)
  t.match(refused.stdout, /\n✗ trust {2}upstream_self_signed: .*\n✓ setting .*\n {4}upstreams:/)
})

test('calls that make no sense are wrong usage', async (t) => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['tls'], /name a URL, e\.g\. wss:\/\//],
    [['tls', 'pbx.example'], /'pbx\.example' is no URL with wss: or https:/],
    [['sip', 'wss://a', 'wss://b'], /one URL at a time/],
    [
      ['ws', '--url', 'wss://calls.example/api/sip-ws/office'],
      /doctor https:\/\/calls\.example --upstream office tries it/,
    ],
    [['tls', 'wss://user:secret@pbx.example'], /a password in it shows/],
    [['tsl', 'wss://pbx.example'], /'tsl' is no URL/],
    [['origin', 'https://calls.example'], /--origin is required/],
    [['ws', '--url', 'https://calls.example'], /--url must be a URL with ws: or wss:/],
  ]
  const runs = await runAll(
    t,
    cases.map(([args]) => ['doctor', ...args]),
  )
  for (const [index, run] of runs.entries()) {
    t.match(run, { code: 2, stdout: '', stderr: cases[index]![1] })
  }
  const help = await runCli(t, ['doctor', '--help'])
  for (const name of ['doctor', 'tls', 'sip', 'origin', 'ws', 'webhooks']) {
    t.match(help.stdout, new RegExp(`^ {2}(doctor )?${name} {2}`, 'm'))
  }
})
