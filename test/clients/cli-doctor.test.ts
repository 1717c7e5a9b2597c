import { test, type Test } from 'tap'
import { build, internalSecret } from '../kit/build.ts'
import { freePort } from '../kit/process.ts'
import { telnyxKeys } from '../kit/sender.ts'
import { runCli, type Settings } from './run-cli.ts'

const twilioToken = '0123456789abcdef0123456789abcdef'
const keys = { TELNYX_PUBLIC_KEY: telnyxKeys.publicKey, TELNYX_PRIVATE_KEY: telnyxKeys.privateKey }
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

interface Found {
  readonly provider: string
  readonly ok: boolean
  readonly code: string
  readonly message: string
  readonly fix: string | null
}

/** Runs the command for JSON. @returns the exit code and what was found */
async function examined(t: Test, settings: Settings, ...args: string[]) {
  const { code, stdout, stderr } = await runCli(
    t,
    ['doctor', 'webhooks', '--json', ...args],
    settings,
  )
  t.equal(stderr, '')
  return { code, found: JSON.parse(stdout) as Found[] }
}

/** Runs it against a URL with the keys of Telnyx. @returns what was found, which must be one thing */
async function telnyxAt(t: Test, url: string, settings: Settings = keys): Promise<Found> {
  const { code, found } = await examined(t, settings, '--url', url)
  t.equal(found.length, 1)
  t.equal(found[0]!.provider, 'telnyx')
  t.equal(code, found[0]!.ok ? 0 : 1)
  return found[0]!
}

test('an endpoint that is right is called right, and shows one marked event of each provider', async (t) => {
  const settings = { STANDARD_WEBHOOKS_SECRET: secret, TWILIO_AUTH_TOKEN: twilioToken }
  const port = String(await freePort())
  const environment = { ...settings, PUBLIC_URL: `http://127.0.0.1:${port}` }
  const { url, app } = await build(t, { environment })
  const here = { ...keys, ...settings, ...environment }
  const { code, found } = await examined(t, here, '--url', url)
  t.equal(code, 0)
  t.match(found, [
    { provider: 'telnyx', ok: true, code: 'ok', message: /the key, the body, the clock/ },
    { provider: 'twilio', ok: true, code: 'ok', message: /signs http:.*the service expects/ },
    { provider: 'standard-webhooks', ok: true, code: 'ok', fix: null },
  ])
  const again = await examined(t, here, '--url', url, '--provider', 'telnyx')
  t.equal(again.code, 0)
  const events = await app.journal.read(app.directory.firstApp.id, 0, 10)
  t.equal(events.length, 4, 'no sample is a copy of another')
  for (const { type, call, data } of events) {
    t.equal(type, 'provider.event')
    t.equal(call, null, 'it is of no call')
    t.match(data, 'switchhook.doctor')
  }
})
test('people get a line for each provider, with what to do', async (t) => {
  const { url } = await build(t)
  const right = await runCli(t, ['doctor', 'webhooks', '--url', url], keys)
  t.equal(right.code, 0)
  t.match(right.stdout, /will show in the console\.\n✓ telnyx {2}accepted: .*\n$/)
  const { code, stdout } = await runCli(
    t,
    ['doctor', 'webhooks', '--url', url, '--provider', 'telnyx,standard-webhooks'],
    keys,
  )
  t.equal(code, 1)
  t.match(stdout, /\n✓ telnyx .*\n✗ standard-webhooks {2}provider_not_configured: .*\. Give .*\n$/)
})
test('without the private key it proves what can be proven, and says what cannot', async (t) => {
  const { url, app } = await build(t)
  const { TELNYX_PUBLIC_KEY } = keys
  const found = await telnyxAt(t, url, { TELNYX_PUBLIC_KEY })
  t.match(found, { ok: true, code: 'bad_signature', message: /throwaway key is refused/ })
  t.match(found.fix, 'TELNYX_PRIVATE_KEY')
  t.equal((await app.journal.read(app.directory.firstApp.id, 0, 10)).length, 0)
})
test('an app of its own is examined with its own key', async (t) => {
  const { url, app } = await build(t, { environment: { TELNYX_PUBLIC_KEY: '' } })
  const { id } = app.directory.firstApp
  const path = new URL(`/internal/apps/${id}/providers/telnyx`, url)
  await fetch(path, {
    method: 'PUT',
    headers: { authorization: `Bearer ${internalSecret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ credentials: [telnyxKeys.publicKey] }),
  })
  const own = await examined(t, keys, '--url', url, '--app', id)
  t.match(own.found, [{ ok: true, code: 'ok' }])
  const nobody = 'c7a53ba0-8f7b-4f4c-9b0e-6d1f7fa2c001'
  t.match((await examined(t, keys, '--url', url, '--app', nobody)).found, [
    { ok: false, code: 'app_not_found' },
  ])
})
test('what cannot be examined is wrong usage, or a failure that says what is missing', async (t) => {
  const run = (...args: string[]) => runCli(t, ['doctor', 'webhooks', ...args])
  t.match(await run(), {
    code: 1,
    stderr: /no provider is configured .*\nSet TELNYX_PUBLIC_KEY or/,
  })
  t.match(await run('--app', 'x'), { code: 2, stderr: /--app 'x' is not a UUID/ })
  t.match(await run('--url', 'calls.example.com'), { code: 2 })
  t.match(await run('--provider', 'telnyx,x'), { code: 2, stderr: /--provider must be one of/ })
  const account = { TWILIO_AUTH_TOKEN: `AC${twilioToken}` }
  t.match((await examined(t, account)).found, [
    { ok: false, code: 'invalid_credential', message: /TWILIO_AUTH_TOKEN: it is an account SID/ },
  ])
})
