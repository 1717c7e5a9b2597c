import t, { type Test } from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { exchange, handshake } from '../kit/raw-websocket.ts'
import { fakeUpstream } from '../kit/sip/fake-upstream.ts'
import { entryOf, knock, ownOrigin, sipSuite, visit, type SipSuite } from '../kit/sip/sip-suite.ts'
import { signToken } from '../kit/token.ts'

interface Case {
  readonly name: string
  readonly path?: string
  readonly fields?: Record<string, string>
  readonly status: number
  readonly code: string
  readonly closes: number
  /** What a page is told. */
  readonly reason: RegExp
}

const policy: readonly Case[] = [
  {
    name: 'an origin that is not allowed',
    fields: { Origin: 'https://evil.example' },
    status: 403,
    code: 'origin_not_allowed',
    closes: 1008,
    reason: /^origin_not_allowed https:\/\/evil\.example$/,
  },
  {
    name: 'an upstream that nobody knows',
    path: '/api/sip-ws/nobody',
    status: 404,
    code: 'upstream_not_found',
    closes: 1008,
    reason: /^upstream_not_found$/,
  },
  {
    name: 'no token where one is required',
    path: '/api/sip-ws/closed',
    status: 401,
    code: 'auth_missing',
    closes: 1008,
    reason: /^auth_missing$/,
  },
  {
    name: 'a wrong token where one is required',
    path: '/api/sip-ws/closed?token=nonsense',
    status: 401,
    code: 'auth_invalid',
    closes: 1008,
    reason: /^auth_invalid$/,
  },
  {
    name: 'a wrong token where none is required',
    fields: { Authorization: 'Bearer nonsense' },
    status: 401,
    code: 'auth_invalid',
    closes: 1008,
    reason: /^auth_invalid$/,
  },
  {
    name: 'an API key that there is not',
    fields: { 'X-App-Api-Key': 'app_nonsense' },
    status: 401,
    code: 'auth_invalid',
    closes: 1008,
    reason: /^auth_invalid$/,
  },
  {
    name: 'a ticket that there is not',
    path: '/api/sip-ws/pbx?ticket=t1_nonsense',
    status: 401,
    code: 'auth_invalid',
    closes: 1008,
    reason: /^auth_invalid$/,
  },
  {
    name: "another app's upstream",
    path: '/api/sip-ws/foreign?token=TOKEN',
    status: 404,
    code: 'upstream_not_found',
    closes: 1008,
    reason: /^upstream_not_found$/,
  },
]

/** A suite with an upstream for everybody, one that asks for a token, one of another app. */
async function start(t: Test) {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [
    entryOf(fake, { missingOrigin: 'refuse' }),
    entryOf(fake, { name: 'open' }),
    entryOf(fake, { name: 'closed', auth: 'required' }),
    entryOf(fake, {
      name: 'foreign',
      auth: 'required',
      app: '019aa46c-0a11-7ac9-9312-a62874e8e951',
    }),
  ])
  return { fake, suite }
}

const withToken = (path: string | undefined, { token }: SipSuite) => path?.replace('TOKEN', token)

t.test(
  'a program is told by the status, a page by the close frame, both with the code',
  async (t) => {
    const { fake, suite } = await start(t)
    for (const [index, { name, path, fields, status, code, closes, reason }] of policy.entries()) {
      const target = withToken(path, suite)
      const page = await visit(suite, fields, target)
      t.match(page, { code: closes, reason, protocol: 'sip', extensions: '' }, name)
      const program = await knock(suite, { Origin: ownOrigin, ...fields }, target)
      t.equal(program.status, status, name)
      t.match(JSON.parse(program.body.toString()), { code, status }, name)
      const logged = suite.logged('handshake refused').slice(2 * index)
      t.match(logged, [{ code }, { code }], name)
      t.notMatch(JSON.stringify(logged), /nonsense|eyJ/)
    }
    t.equal(fake.connections, 0, 'and nobody was dialled')
  },
)

t.test('whoever has neither an origin nor a credential is no page of ours', async (t) => {
  const { fake, suite } = await start(t)
  const answer = await knock(suite)
  t.equal(answer.status, 403)
  t.match(JSON.parse(answer.body.toString()), { code: 'origin_missing', fix: /missingOrigin/ })
  t.equal(fake.connections, 0)
  t.equal((await knock(suite, {}, '/api/sip-ws/open')).status, 101, 'unless the upstream lets it')
  t.equal((await knock(suite, { Authorization: `Bearer ${suite.token}` })).status, 101)
  t.equal(
    (await knock(suite, { 'Sec-WebSocket-Protocol': `sip, bearer.${suite.token}` })).status,
    101,
  )
  t.equal((await knock(suite, { Origin: ownOrigin })).status, 101)
})

t.test('an upstream that requires it is opened by a token, a ticket or an API key', async (t) => {
  const { suite } = await start(t)
  const { url, token, app } = suite
  const at = '/api/sip-ws/closed'
  t.equal((await knock(suite, {}, `${at}?token=${token}`)).status, 101)
  t.equal((await knock(suite, { Authorization: `Bearer ${token}` }, at)).status, 101)
  const answer = await fetch(new URL('/api/ws/ticket', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, origin: ownOrigin },
  })
  const { ticket } = (await answer.json()) as { ticket: string }
  const check = new URL(`/api/sip-check?upstream=closed&ticket=${ticket}`, url)
  for (let times = 0; times < 2; times += 1) {
    const verdict = await fetch(check, { headers: { origin: ownOrigin } })
    t.match(await verdict.json(), { code: 'ok' }, 'a check is no connection')
  }
  t.equal((await knock(suite, { Origin: ownOrigin }, `${at}?ticket=${ticket}`)).status, 101)
  t.equal((await knock(suite, { Origin: ownOrigin }, `${at}?ticket=${ticket}`)).status, 401, 'once')
  const { id } = app.directory.onlyApp!
  const made = await fetch(new URL(`/internal/apps/${id}/api-key`, url), {
    method: 'POST',
    headers: { authorization: 'Bearer an internal secret of thirty-two characters' },
  })
  const { key } = (await made.json()) as { key: string }
  t.equal((await knock(suite, { 'X-App-Api-Key': key }, at)).status, 101)
  const expired = await signToken(jwtSecret, {}, { expires: 1_000 })
  const refused = await knock(suite, { Authorization: `Bearer ${expired}` }, at)
  t.match(JSON.parse(refused.body.toString()), { code: 'auth_expired' })
})

t.test('only GET opens a socket', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  const statuses = { HEAD: 426, POST: 404, OPTIONS: 404 }
  for (const [method, status] of Object.entries(statuses)) {
    const opening = [
      handshake({
        method,
        target: '/api/sip-ws/pbx',
        headers: { 'Sec-WebSocket-Protocol': 'sip' },
      }),
    ]
    t.equal((await exchange(suite.url, { opening })).status, status, method)
  }
  t.equal(fake.connections, 0)
})
