import t, { type Test } from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'

interface Answer {
  readonly status: number
  readonly body: { items: { agent: string; sockets: number }[]; next: null }
}

async function presenceOf({ url }: Suite, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(new URL('/api/presence', url), {
    headers,
    signal: AbortSignal.timeout(30_000),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const user = (sub: string, role = 'agent') =>
  signToken(jwtSecret, { sub, email: `${sub}@example.com`, role })

async function suite(t: Test): Promise<Suite> {
  return build(t, { environment: { WS_PRESENCE_GRACE_SECONDS: '1' } })
}

t.test('without a credential nobody learns who is there', async (t) => {
  const built = await suite(t)
  t.match(await presenceOf(built), { status: 401, body: { code: 'auth_missing' } })
})

t.test('whoever has a socket is there, by name, for agents as well as supervisors', async (t) => {
  const built = await suite(t)
  const [ann, bob] = [await user('ann'), await user('bob', 'supervisor')]
  t.match(await presenceOf(built, ann), { status: 200, body: { items: [], next: null } })
  const clients = []
  for (const token of [bob, ann, ann]) {
    const client = await connect(built.url, { token, modern: true })
    await client.nextNamed('connected')
    clients.push(client)
  }
  const there = async (sockets: number) => {
    const { body } = await presenceOf(built, ann)
    return body.items.reduce((sum, item) => sum + item.sockets, 0) === sockets
  }
  await until(() => there(3))
  for (const token of [ann, bob]) {
    t.match(await presenceOf(built, token), {
      status: 200,
      body: {
        items: [
          {
            agent: 'ann',
            name: 'ann@example.com',
            state: 'available',
            note: null,
            sockets: 2,
            sip: null,
            provider: null,
            reachable: true,
            missing: [],
            since: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
            seen: null,
          },
          { agent: 'bob', sockets: 1 },
        ],
        next: null,
      },
    })
  }
  await clients[0]!.close()
  await until(() => there(2))
  t.strictSame(
    (await presenceOf(built, bob)).body.items.map(({ agent }) => agent),
    ['ann'],
  )
})
