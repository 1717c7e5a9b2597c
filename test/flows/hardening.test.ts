import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { telnyxKeys } from '../kit/sender.ts'
import { jwtSecret, temporaryDir } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { freePort, ready, spawnService } from '../kit/process.ts'
import { signToken } from '../kit/token.ts'

const run = promisify(execFile)
const secret = randomBytes(32).toString('hex')
const operator = ['-H', `Authorization: Bearer ${secret}`]
const json = ['-H', 'Content-Type: application/json']

/** What curl prints: the head of the answer, and what follows it. */
interface Answer {
  readonly status: number
  readonly head: string
  readonly text: string
  readonly body: never
}

/** A service as users run it: one process, an embedded store, secrets in the environment. */
async function started(t: Test, environment: Record<string, string> = {}) {
  const running = spawnService('all-in-one', {
    PORT: String(await freePort()),
    DATA_DIR: temporaryDir(t),
    INTERNAL_API_SECRET: secret,
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
    SPOOL_LIMIT: '4194304',
    ...environment,
  })
  t.teardown(async () => {
    running.child.kill('SIGKILL')
    await running.exited
  })
  await ready(running)
  const base = running.url.replace('127.0.0.1', 'localhost')
  const curl = async (path: string, ...flags: string[]): Promise<Answer> => {
    const { stdout } = await run('curl', ['-s', '-i', '-m', '20', ...flags, `${base}${path}`])
    const [head, text] = stdout.split(/\r\n\r\n([^]*)/, 2) as [string, string]
    const body = /^[[{]/.test(text) ? (JSON.parse(text) as never) : (null as never)
    return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), text, body }
  }
  const apps = (await curl('/internal/apps', ...operator)).body as { items: { id: string }[] }
  return { ...running, base, curl, keyPath: `/internal/apps/${apps.items[0]!.id}/api-key` }
}

t.test('every line that users of the first version typed is answered as it was', async (t) => {
  const { curl, base, keyPath, child, exited } = await started(t, { NODE_ENV: 'sandbox' })
  t.match(await curl('/health'), {
    status: 200,
    body: { status: 'ok', environment: 'sandbox', uptime: Number },
  })
  const metrics = await curl('/metrics')
  t.match(metrics, { status: 200, text: /^switchhook_process_resident_memory_bytes \d/m })
  const measured = await curl('/metrics', '-H', 'Accept: application/json')
  t.match(measured, { status: 200, body: { memory: Object } })

  const bare = await curl(keyPath, '-X', 'POST', ...operator)
  t.match(bare, { status: 201, body: { key: /^app_/ } })
  const made = await curl(keyPath, '-X', 'POST', ...operator, ...json)
  t.match(made, { status: 201, body: { key: /^app_/ } }, 'with a content type and no body')
  t.match(made.head, /^cache-control: no-store/m)
  const { id, key } = made.body as { id: string; key: string }
  const status = await curl(`${keyPath}/status`, ...operator)
  t.match(status, { status: 200, body: { active: true, keys: [{ id }, {}] } })
  const audit = await curl(`${keyPath}/audit`, ...operator)
  const { items } = audit.body as { items: { keyId: string; action: string }[] }
  t.match(
    items.find(({ keyId }) => keyId === id),
    { action: 'api-key.rotated' },
  )
  t.notMatch(status.text + audit.text, key)

  const calls = await curl('/api/calls', '-H', `x-app-api-key: ${key}`)
  t.match(calls, { status: 200, body: { items: [], next: null } })
  const socket = await connect(base, { path: `/ws?api_key=${key}` })
  t.type((await socket.next()).event, 'string')
  t.equal((await curl(`${keyPath}/${id}`, '-X', 'DELETE', ...operator)).status, 204)
  t.match(await socket.closed, { reason: 'revoked' })
  t.match(await curl('/api/calls', '-H', `x-app-api-key: ${key}`), { status: 401 })

  child.kill('SIGTERM')
  t.equal(await exited, 0)
})

t.test('who may not come in is told so in the words of before, and in ours', async (t) => {
  const { curl, keyPath } = await started(t)
  const missing = {
    status: 401,
    body: {
      error: 'Unauthorized',
      message: 'Missing or invalid Authorization header',
      code: 'internal_auth_missing',
    },
  }
  const wrong = {
    status: 403,
    body: {
      error: 'Forbidden',
      message: 'Invalid authentication token',
      code: 'internal_auth_wrong',
    },
  }
  for (const path of [`${keyPath}/status`, `${keyPath}/audit`, '/internal/apps']) {
    t.match(await curl(path), missing, path)
    t.match(await curl(path, '-H', 'Authorization: Basic eDp5'), missing, path)
    t.match(await curl(path, '-H', `Authorization: Bearer ${secret.slice(1)}`), wrong, path)
  }
  t.match(await curl(keyPath, '-X', 'POST'), missing)
  t.match(await curl('/internal/apps/not-a-uuid/api-key', '-X', 'POST', ...operator), {
    status: 400,
    body: { code: 'invalid_uuid', parameter: 'appId', detail: "'not-a-uuid' is not a UUID" },
  })
  t.match(await curl('/api/calls'), { status: 401, body: { code: 'auth_missing' } })
  t.match(await curl('/api/calls', '-H', 'x-app-api-key: app_xxxxx'), {
    status: 401,
    body: { code: 'auth_invalid' },
  })
  const upgrade = ['-N', '-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket']
  const handshake = [
    '-H',
    'Sec-WebSocket-Version: 13',
    '-H',
    'Sec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==',
  ]
  const refused = await curl('/ws?api_key=invalid', ...upgrade, ...handshake)
  t.match(refused, { status: 101, text: /auth_invalid/ }, 'a socket that closes and says why')
  const half = await curl('/ws?api_key=invalid', ...upgrade)
  t.match(half, { status: /^4\d\d$/ }, 'curl is no WebSocket client, and is answered nevertheless')
})

t.test('a beginner is told in one line what is wrong, and nothing is done', async (t) => {
  const { curl, keyPath } = await started(t, { JWT_SECRET: jwtSecret })
  const { body: made } = await curl(keyPath, '-X', 'POST', ...operator)
  const key = ['-H', `x-app-api-key: ${(made as { key: string }).key}`]
  const now = Math.floor(Date.now() / 1000)
  const expired = await signToken(jwtSecret, {}, { expires: now - 60 })
  const early = await signToken(jwtSecret, { nbf: now + 600 })
  const cases: readonly (readonly [path: string, flags: string[], told: object])[] = [
    ['/api/calls?status=live', key, { parameter: 'status', detail: 'status: is not known here' }],
    ['/api/calls?state=Live', key, { detail: 'state: must be live or ended' }],
    ['/api/calls?from=yesterday', key, { detail: /^from: must be a time such as 20/ }],
    ['/api/voicemails/7', key, { code: 'invalid_uuid', detail: "'7' is not a UUID" }],
    [
      '/api/events',
      [...key, '-d', '{"type":"custom.note","data":{}}'],
      { code: 'unsupported_media_type', fix: 'Send JSON, with Content-Type: application/json.' },
    ],
    ['/api/events', [...key, ...json, '-d', '{"type":"custom.note"}'], { parameter: 'data' }],
    ['/api/calls', ['-H', `Authorization: Bearer ${expired}`], { code: 'auth_expired' }],
    ['/api/calls', ['-H', `Authorization: Bearer ${early}`], { detail: /will be active at 20/ }],
    ['/api/calls', operator, { code: 'auth_invalid' }],
    ['/internal/apps', key, { code: 'internal_auth_missing' }],
  ]
  for (const [path, flags, told] of cases) {
    const { status, body } = await curl(path, ...flags)
    t.ok(status >= 400 && status < 500, path)
    t.match(body, { type: /^urn:switchhook:error:/, requestId: /^req-/, ...told }, path)
  }
  t.match(await curl('/api/events', ...key), { body: { head: /:0$/ } }, 'nothing was published')
})

t.test(
  'how much is left is on every answer, and who asks too much is told when to come back',
  async (t) => {
    const { curl, keyPath } = await started(t, { RATE_LIMIT_INTERNAL: '8', RATE_LIMIT_CALLS: '5' })
    const answer = await curl(`${keyPath}/status`, ...operator)
    t.match(answer.head, /^ratelimit-limit: 8\r$/m)
    t.match(answer.head, /^ratelimit-remaining: [0-6]\r$/m)
    t.match(answer.head, /^ratelimit-reset: \d{1,2}(\r|$)/m)
    for (let left = 8; left > 0; left -= 1) await curl(`${keyPath}/status`, ...operator)
    const over = await curl(`${keyPath}/status`, ...operator)
    t.match(over, { status: 429, body: { code: 'rate_limited' } })
    t.match(over.head, /^ratelimit-remaining: 0(\r|$)/m)
    t.match(over.head, /^retry-after: \d{1,2}(\r|$)/m)
    t.equal((await curl('/health')).status, 200, 'a load balancer asks as often as it likes')
    t.match((await curl('/api/calls')).head, /^ratelimit-limit: 5(\r|$)/m)
  },
)
