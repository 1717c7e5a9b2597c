import { gzipSync } from 'node:zlib'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t from 'tap'
import { build } from '../kit/build.ts'
import { cleanEnvironment, root } from '../kit/process.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { builtSdk, example, servePage } from './browser-page.ts'
import { openPage, startBrowser } from './console-page.ts'
import { deadlineMs } from './scripted-hub.ts'

const sdk = builtSdk()
const browser = await startBrowser(t)

t.test('the client is one small module', (t) => {
  const packed = gzipSync(sdk, { level: 9 }).length
  t.ok(packed <= 5_000, `${packed} bytes gzipped`)
  const text = sdk.toString()
  t.notMatch(text, /\bimport\b/, 'it imports nothing')
  t.match(text, /export\{.* as connect.*\}/)
  t.end()
})

t.test('pages of any origin may load it, and ask whether it is still the same', async (t) => {
  const { url } = await build(t)
  const ask = (headers: Record<string, string>) => fetch(`${url}/sdk.js`, { headers })
  const plain = await ask({ 'accept-encoding': 'identity', origin: 'https://elsewhere.example' })
  t.equal(plain.status, 200)
  t.match(Object.fromEntries(plain.headers), {
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
    vary: /accept-encoding/i,
  })
  t.equal(await plain.text(), sdk.toString())
  const packed = await ask({ 'accept-encoding': 'br, gzip' })
  t.equal(packed.headers.get('content-encoding'), 'gzip')
  t.equal(await packed.text(), sdk.toString())
  const refused = await ask({ 'accept-encoding': 'gzip;q=0' })
  t.equal(refused.headers.get('content-encoding'), null)
  const etag = plain.headers.get('etag')!
  for (const known of [etag, `"other", ${etag}`, etag.replace('W/', '')]) {
    t.equal((await ask({ 'if-none-match': known })).status, 304, known)
  }
  t.equal((await ask({ 'if-none-match': '"other"' })).status, 200)
  t.equal((await fetch(`${url}/sdk.js`, { method: 'HEAD' })).status, 200)
})

t.test('the page of the docs shows the calls of a hub elsewhere', async (t) => {
  const { url, token } = await build(t, { environment: { ALLOWED_ORIGINS: 'https://x.example' } })
  const refused = await servePage(
    t,
    () => example('html', 'hub.on', url),
    () => token,
  )
  const { page } = await openPage(t, browser)
  await page.goto(refused)
  await page.getByText(`refused Add ${refused} to ALLOWED_ORIGINS`).waitFor()
})

t.test('the page of the docs follows the calls, and comes back', async (t) => {
  const html = (hub: string) => example('html', 'hub.on', hub)
  let at = ''
  const origin = await servePage(
    t,
    () => html(at),
    () => token,
  )
  const { app, url, token } = await build(t, { environment: { ALLOWED_ORIGINS: origin } })
  at = url
  await post(url, telnyxEvent({ call: 'one', type: 'call.initiated' }))
  const { page, said } = await openPage(t, browser)
  await page.goto(origin)
  await page.getByText('live', { exact: true }).waitFor()
  await page.getByText('+12025550133 → +12025550131 initiated').waitFor()
  await post(url, telnyxEvent({ call: 'one', type: 'call.answered' }))
  await page.getByText('+12025550133 → +12025550131 answered').waitFor()
  t.match(said, ['answered one null'])
  await post(url, telnyxEvent({ call: 'one', type: 'call.hangup' }))
  await page.locator('li').waitFor({ state: 'detached' })
  await app.close()
  await page.getByText('reconnecting').waitFor()
})

t.test('the program of the docs prints events on Node', async (t) => {
  const { url, token } = await build(t)
  const code = example('js', 'process.once', url)
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: `${root}/test`,
    env: cleanEnvironment({ TOKEN: token }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const signal = AbortSignal.timeout(deadlineMs)
  const states = createInterface({ input: child.stderr, signal })[Symbol.asyncIterator]()
  while ((await states.next()).value !== 'live ') t.notOk(signal.aborted)
  await post(url, telnyxEvent({ call: 'one', type: 'call.initiated' }))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line', { signal })) as [
    string,
  ]
  t.equal(line, '1 call-initiated +12025550133 +12025550131')
  child.kill('SIGTERM')
  t.equal((await once(child, 'exit', { signal }))[0], 0)
})
