import { randomBytes } from 'node:crypto'
import t from 'tap'
import { build } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'

const [one, two] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')]
const old = randomBytes(24).toString('hex')

const missing = {
  code: 'internal_auth_missing',
  error: 'Unauthorized',
  message: 'Missing or invalid Authorization header',
}
const wrong = {
  code: 'internal_auth_wrong',
  error: 'Forbidden',
  message: 'Invalid authentication token',
}

t.test('while the secret is rotated both live ones open, and the old one no more', async (t) => {
  const { url } = await build(t, { environment: { INTERNAL_API_SECRET: `${one},${two}` } })
  for (const secret of [one, two]) t.equal((await internal(url, '/apps', { secret })).status, 200)
  for (const secret of [old, `${one},${two}`, `${one}x`, one.slice(0, -1), one.toUpperCase()]) {
    t.match(await internal(url, '/apps', { secret }), { status: 403, body: wrong }, secret)
  }
})

t.test('what is no bearer is none, what is one is right or wrong', async (t) => {
  const { url } = await build(t, { environment: { INTERNAL_API_SECRET: one } })
  const ask = async (headers: Record<string, string>, query = '') => {
    const response = await fetch(new URL(`/internal/apps${query}`, url), { headers })
    return { status: response.status, body: (await response.json()) as object }
  }
  for (const authorization of ['', 'Bearer', 'Bearer ', one, `Basic ${one}`, `Bearer:${one}`]) {
    t.match(await ask({ authorization }), { status: 401, body: missing }, authorization)
  }
  t.match(await ask({ 'x-app-api-key': one }, `?token=${one}`), { status: 401, body: missing })
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
    t.match(await ask({ authorization: `${scheme} ${one}` }), { status: 200 }, scheme)
  }
  t.match(await ask({ authorization: `Bearer ${'x'.repeat(4_000)}` }), { status: 403, body: wrong })
})

t.test('below the same path, what is not there asks for nothing and tells nothing', async (t) => {
  const { url } = await build(t)
  const { status, body } = await internal(url, '/nothing', { secret: null })
  t.match({ status, body }, { status: 404, body: { code: 'not_found' } })
})
