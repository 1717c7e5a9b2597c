import { randomUUID } from 'node:crypto'
import t from 'tap'
import { build, internalSecret } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'

t.test(
  'every list takes an integer as its limit, and nothing that only looks like one',
  async (t) => {
    const { url, token, app } = await build(t)
    const { id } = app.directory.firstApp
    const paths = [
      '/api/calls',
      '/api/voicemails',
      '/api/events',
      '/internal/apps',
      `/internal/apps/${id}/user-mappings`,
      `/internal/apps/${id}/api-key/audit`,
    ]
    for (const path of paths) {
      const bearer = path.startsWith('/internal') ? internalSecret : token
      const ask = async (query: string) => {
        const headers = { authorization: `Bearer ${bearer}` }
        const response = await fetch(new URL(`${path}?${query}`, url), { headers })
        return { status: response.status, body: (await response.json()) as object }
      }
      t.match(await ask('limit=5'), { status: 200 }, path)
      for (const limit of ['0', '-1', '1e2', '0x10', '', 'x', '1.5', '9'.repeat(30), '1&limit=2']) {
        const wrong = { status: 400, body: { code: 'invalid_parameter', parameter: 'limit' } }
        t.match(await ask(`limit=${limit}`), wrong, `${path} ${limit}`)
      }
    }
  },
)

t.test('bodies of the operators’ API are JSON without unknown fields', async (t) => {
  const { url, app } = await build(t)
  const { id } = app.directory.firstApp
  const ask = async (path: string, body: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${internalSecret}`, 'content-type': type }
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body })
    return { status: response.status, body: (await response.json()) as object }
  }
  const named = (parameter: string) => ({
    status: 400,
    body: { code: 'invalid_parameter', parameter, detail: `${parameter}: is not known here` },
  })
  t.match(await ask('/internal/apps', '{"name":"a","colour":"red"}'), named('colour'))
  t.match(await ask(`/internal/apps/${id}/revocations`, '{"sub":"a","x":1}'), named('x'))
  t.match(await ask(`/internal/apps/${id}/api-key`, '{"grace":1}'), named('grace'))
  t.match(await ask('/internal/apps', 'name=a', 'application/x-www-form-urlencoded'), {
    status: 415,
    body: { code: 'unsupported_media_type', fix: /application\/json/ },
  })
  t.match(await ask('/internal/apps', '{"name"'), { status: 400, body: { code: 'bad_json' } })
})

t.test('an unknown app with a malformed id below it: the mistake comes first', async (t) => {
  const { url } = await build(t)
  const path = `/apps/${randomUUID()}/api-key/nonsense`
  t.match(await internal(url, path, { method: 'DELETE' }), {
    status: 400,
    body: { code: 'invalid_uuid', parameter: 'keyId' },
  })
})
