import t from 'tap'
import { connect, connectable, consent, publicUrl, shown } from '../kit/dialpad/suite.ts'
import { client } from '../kit/dialpad/server.ts'

t.test('a link leads over Dialpad to a connection whose webhook delivers here', async (t) => {
  const suite = await connectable(t)
  const { app, id, server } = suite
  const answer = await suite.internal('POST', `/${id}/connections/dialpad`)
  t.match(answer, { status: 201, body: { expiresIn: 600 } })
  const { url: link } = answer.body as { url: string }
  t.match(link, /^https:\/\/calls\.example\.com\/auth\/dialpad\?state=[A-Za-z0-9_-]{43}$/)

  const browser = suite.browser()
  const departure = await browser.get(link)
  t.equal(departure.status, 302)
  t.equal(departure.headers.get('cache-control'), 'no-store')
  t.equal(departure.headers.get('referrer-policy'), 'no-referrer')
  t.match(
    departure.headers.get('set-cookie'),
    /^__Host-switchhook-consent-[\w-]{16}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  const { searchParams, origin, pathname } = new URL(departure.location!)
  t.equal(`${origin}${pathname}`, `${server.url}/oauth2/authorize`)
  const { state, code_challenge: challenge, ...rest } = Object.fromEntries(searchParams)
  t.strictSame(rest, {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: 'calls:list offline_access',
    code_challenge_method: 'S256',
  })
  t.match(state, /^[\w-]{43}$/)
  t.not(state, new URL(link).searchParams.get('state'))
  t.match(challenge, /^[\w-]{43}$/)

  const end = await browser.get(await server.decide(departure.location!, 'accept'))
  t.match(end, { status: 200, text: /Dialpad is connected/ })
  t.match(end.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
  t.equal(end.headers.get('cache-control'), 'no-store')
  t.equal(browser.cookies.size, 0)

  const [webhook] = server.api.webhooks
  t.equal(webhook!.hookUrl, `${publicUrl}/webhooks/dialpad/${id}`)
  t.strictSame(app.credentials.of(id, 'dialpad')?.credentials, [webhook!.secret])
  t.match(webhook!.secret, /^[0-9a-f]{64}$/)
  const [subscription] = server.api.subscriptions
  t.match(subscription, { webhookId: webhook!.id, enabled: true, target: null })
  t.ok((subscription!.states as string[]).includes('voicemail_uploaded'))
  t.match(await suite.internal('GET', `/${id}/connections`), {
    status: 200,
    body: {
      items: [
        {
          provider: 'dialpad',
          status: 'connected',
          reason: null,
          expiresAt: new Date(suite.clock.nowMs + 3_600_000).toISOString(),
          connectedAt: new Date(suite.clock.nowMs).toISOString(),
          webhookId: webhook!.id,
          subscriptionId: subscription!.id,
        },
      ],
      next: null,
    },
  })
  t.equal(await suite.dialpad.accessToken(id), server.oauth.grants[0]!.access)
  const audit = await app.audit.list(id, 10)
  t.strictSame(audit.map(({ action, actor }) => `${action} by ${actor}`).toSorted(), [
    'connection.connected by link',
    'connection.link_created by internal',
  ])
})

t.test('calls of one target only are told if the link says so', async (t) => {
  const suite = await connectable(t)
  const target = { type: 'callcenter', id: '9007199254740995' }
  t.match(await connect(suite, { body: { target } }), { status: 200 })
  t.match(suite.server.api.subscriptions, [{ target }])
  await connect(suite)
  t.match(suite.server.api.subscriptions, [{ target: null }], 'and all again after another one')
  t.equal(suite.server.api.webhooks.length, 1)
})

t.test('who refuses reads that nothing was connected, and nothing was', async (t) => {
  const suite = await connectable(t)
  const { browser, callback } = await consent(suite, { decision: 'refuse' })
  t.match(await browser.get(callback), { status: 200, text: /You refused/ })
  t.equal(await shown(suite), undefined)
  const audit = await suite.app.audit.list(suite.id, 10)
  const refusal = audit.find(({ action }) => action === 'connection.refused')
  t.match(refusal, { detail: { error: 'access_denied' } })
  t.equal(suite.server.count('POST /oauth2/token'), 0)
  await connect(suite)
  const before = await shown(suite)
  await connect(suite, { decision: 'refuse' })
  t.strictSame(await shown(suite), before, 'a connection there is stays as it is')
})

t.test('a link works once, for ten minutes, and looking at it does not spend it', async (t) => {
  const suite = await connectable(t)
  const path = `/${suite.id}/connections/dialpad`
  const link = async (): Promise<string> =>
    ((await suite.internal('POST', path)).body as { url: string }).url
  const first = await link()
  const local = first.replace(publicUrl, suite.url)
  t.equal((await fetch(local, { method: 'HEAD' })).status, 404)
  t.match(await suite.browser().get(first), { status: 302 })
  t.match(await suite.browser().get(first), { status: 410, text: /works once/, location: null })
  const second = await link()
  suite.clock.nowMs += 600_000
  t.match(await suite.browser().get(second), { status: 410 })
  for (const query of ['', '?state=', '?state=x', `?state=${'a'.repeat(43)}`]) {
    t.match(await suite.browser().get(`${publicUrl}/auth/dialpad${query}`), { status: 410 })
  }
  const twice = `${await link()}&state=${'a'.repeat(43)}`
  t.match(await suite.browser().get(twice), { status: 410 })
})

t.test('of many open links the oldest go', async (t) => {
  const suite = await connectable(t)
  const links: string[] = []
  for (let count = 0; count < 21; count += 1) {
    suite.clock.nowMs += 1
    const { body } = await suite.internal('POST', `/${suite.id}/connections/dialpad`)
    links.push((body as { url: string }).url)
  }
  t.match(await suite.browser().get(links[0]!), { status: 410 })
  t.match(await suite.browser().get(links[1]!), { status: 302 })
  t.match(await suite.browser().get(links[20]!), { status: 302 })
})

t.test('only the browser that left can come back, once, and soon', async (t) => {
  const suite = await connectable(t)
  const { browser, callback } = await consent(suite)
  const unknown = { status: 400, text: /not where you came from/ }
  t.match(await suite.browser().get(callback), unknown, 'another browser')
  const wrong = new URL(callback)
  wrong.searchParams.set('state', 'a'.repeat(43))
  t.match(await browser.get(wrong), unknown, 'another state')
  const [[name, value]] = [...browser.cookies] as [[string, string]]
  browser.cookies.set(name, `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`)
  t.match(await browser.get(callback), unknown, 'another cookie')
  browser.cookies.set(name, `${value}; ${name}=${value}`)
  t.match(await browser.get(callback), unknown, 'two cookies')
  browser.cookies.set(name, value)
  t.equal(suite.server.count('POST /oauth2/token'), 0)
  t.match(await browser.get(callback), { status: 200 }, 'it still can')
  browser.cookies.set(name, value)
  t.match(await browser.get(callback), unknown, 'but not twice')
  t.equal(suite.server.count('POST /oauth2/token'), 1)
  const late = await consent(suite)
  suite.clock.nowMs += 600_000
  t.match(await late.browser.get(late.callback), unknown)
})

t.test('two consents in one browser do not disturb each other', async (t) => {
  const suite = await connectable(t)
  const browser = suite.browser()
  const first = await consent(suite, { browser })
  const second = await consent(suite, { browser })
  t.match(await browser.get(first.callback), { status: 200 })
  t.match(await browser.get(second.callback), { status: 200 })
})

t.test('a code that is too old, or spent by another, connects nothing', async (t) => {
  const suite = await connectable(t)
  const { browser, callback } = await consent(suite)
  suite.clock.nowMs += 61_000
  t.match(await browser.get(callback), { status: 400, text: /start again/ })
  t.equal(await shown(suite), undefined)
  const stolen = await consent(suite)
  const own = await consent(suite)
  own.callback.searchParams.set('code', stolen.callback.searchParams.get('code')!)
  t.match(await own.browser.get(own.callback), { status: 400 }, 'PKCE: it is another’s')
  t.equal(await shown(suite), undefined)
  const audit = await suite.app.audit.list(suite.id, 20)
  t.equal(audit.filter(({ action }) => action === 'connection.failed').length, 2)
})

t.test('what Dialpad does wrong is told in plain words, and nothing is connected', async (t) => {
  const suite = await connectable(t)
  const token = 'POST /oauth2/token'
  const wrong = [
    [{ status: 500 }, /Dialpad failed: status 500/],
    [{ status: 429 }, /too many requests/],
    [{ status: 200, body: 'x'.repeat(70_000) }, /more than is read/],
    [{ status: 200, body: { access_token: 'a b' } }, /without a token/],
    [{ status: 302, headers: { location: suite.server.url } }, /status 302/],
    [{ status: 401, body: { error: 'invalid_client' } }, /does not know this CLIENT_ID/],
    [{ status: 400, body: { error: '<script>' } }, /status 400/],
  ] as const
  for (const [told, words] of wrong) {
    suite.server.next(token, told)
    t.match(await connect(suite), { status: 502, text: words })
  }
  const { browser, callback } = await consent(suite)
  callback.searchParams.delete('code')
  callback.searchParams.set('error', '<script>alert(1)</script>')
  const page = await browser.get(callback)
  t.match(page, { status: 502, text: /Dialpad says: unknown/ })
  t.notMatch(page.text, /<script>/)
  t.equal(await shown(suite), undefined)
})

t.test('without a client nothing begins, and the missing variables are named', async (t) => {
  const suite = await connectable(t, { environment: { CLIENT_ID: '', CLIENT_SECRET: '' } })
  t.match(await suite.internal('POST', `/${suite.id}/connections/dialpad`), {
    status: 503,
    body: { code: 'connection_not_configured', fix: /CLIENT_ID, CLIENT_SECRET/ },
  })
  const path = `${publicUrl}/auth/dialpad`
  t.match(await suite.browser().get(`${path}?state=${'a'.repeat(43)}`), { status: 503 })
  t.match(await suite.browser().get(`${path}/callback?state=x&code=y`), { status: 400 })
  t.match(await suite.internal('GET', `/${suite.id}/connections`), { body: { items: [] } })
  await suite.dialpad.completeDue(AbortSignal.timeout(30_000))
})

t.test('what a request means must be clear', async (t) => {
  const suite = await connectable(t)
  const path = `/${suite.id}/connections/dialpad`
  const bodies = [
    { colour: 'red' },
    { target: { type: 'planet', id: '1' } },
    { target: { type: 'user', id: 2_000_000_001 } },
    { target: { type: 'user', id: '1', more: true } },
  ]
  for (const body of bodies) {
    t.match(await suite.internal('POST', path, body), {
      status: 400,
      body: { code: 'invalid_parameter' },
    })
  }
  t.match(await suite.internal('POST', '/none/connections/dialpad'), {
    status: 400,
    body: { code: 'invalid_uuid' },
  })
  const nobody = '/00000000-0000-4000-8000-000000000000/connections'
  for (const [method, end] of [
    ['GET', ''],
    ['POST', '/dialpad'],
    ['DELETE', '/dialpad'],
  ] as const) {
    t.match(await suite.internal(method, `${nobody}${end}`), { body: { code: 'app_not_found' } })
  }
})

t.test('who tries many states is told to wait', async (t) => {
  const suite = await connectable(t)
  const path = `${publicUrl}/auth/dialpad?state=${'a'.repeat(43)}`
  for (let count = 0; count < 60; count += 1) {
    t.equal((await suite.browser().get(path)).status, 410)
  }
  const page = await suite.browser().get(path)
  t.match(page, { status: 429, text: /Wait a minute/ })
  t.ok(Number(page.headers.get('retry-after')) > 0)
})

t.test('a Dialpad that does not answer is not waited for', async (t) => {
  const suite = await connectable(t)
  suite.server.mute('POST /oauth2/token')
  t.match(await connect(suite), { status: 502, text: /did not answer in time/ })
  t.equal(await shown(suite), undefined)
})
