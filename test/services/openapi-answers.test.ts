import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { build, type Suite } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { upstreamsFile } from '../kit/sip/sip-suite.ts'

type Schema = Record<string, unknown>

interface Document {
  readonly paths: Record<string, { get?: { responses: Record<string, Answer> } }>
}

interface Answer {
  readonly content?: Record<string, { schema: Schema } | undefined>
}

interface Page {
  readonly items: readonly { id: string }[]
}

/** Their answers are no JSON, do not end, or are for the browser that a provider sends back. */
const others = new Set(['/events', '/auth/dialpad', '/auth/dialpad/callback'])

t.test(
  'every answer to GET is as its schema says, with nothing that it does not name',
  async (t) => {
    // With one alone, clients need not say which.
    const upstreams = upstreamsFile(t, [{ name: 'pbx', targets: ['wss://pbx.example/ws'] }])
    const suite = await build(t, { environment: { SIP_UPSTREAMS_FILE: upstreams } })
    const document = suite.app.swagger() as unknown as Document
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema(strict({ ...document, $id: 'https://switchhook/api' }) as Schema)
    const values = await filled(suite)
    let count = 0
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get || path.startsWith('/webhooks/') || others.has(path)) continue
      const asked = await ask(suite, addressOf(path, values))
      t.equal(asked.status, 200, path)
      const schema = get.responses['200']!.content?.['application/json']?.schema
      if (!schema || asked.status !== 200) continue
      count += 1
      const text = JSON.stringify(strict(schema)).replaceAll('"#/', '"https://switchhook/api#/')
      const validate = ajv.compile(JSON.parse(text) as Schema)
      t.ok(validate(asked.body), `${path} ${JSON.stringify(validate.errors)}`)
    }
    t.ok(count > 15, `${count} answers`)
  },
)

/** The same, without room for fields that have no name. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, strict(inner)]),
  )
  const isClosed = 'properties' in value && 'type' in value && !('additionalProperties' in value)
  return isClosed ? { ...fields, additionalProperties: false } : fields
}

/** Puts something of everything into a suite. @returns what stands for the parameters of paths */
async function filled(suite: Suite): Promise<Record<string, string>> {
  const { app, url } = suite
  const { id: appId } = app.directory.firstApp
  const left = sampleEvent({ type: 'voicemail.received', callId: null, legId: null })
  await app.journal.append([sampleDelivery(appId, [left])])
  const call = 'a-call'
  await post(url, telnyxEvent({ call }))
  await post(url, telnyxEvent({ call, type: 'call.answered' }))
  await internal(url, `/apps/${appId}/providers/retell`, {
    method: 'PUT',
    body: { credentials: ['key_0123456789abcdef'] },
  })
  await internal(url, `/apps/${appId}/api-key`, { method: 'POST' })
  const { body: mapping } = await internal(url, `/apps/${appId}/user-mappings`, {
    method: 'PUT',
    body: { kind: 'phone_number', value: '+12025550131', sub: 'u1' },
  })
  const { body: deliveries } = await internal(url, '/deliveries')
  const { body: voicemails } = await ask(suite, '/api/voicemails')
  return {
    appId,
    voicemails: (voicemails as Page).items[0]!.id,
    provider: 'retell',
    calls: call,
    'user-mappings': (mapping as { id: string }).id,
    deliveries: (deliveries as Page).items[0]!.id,
  }
}

/** `/calls/{id}` is filled with what there is of calls. */
function addressOf(path: string, values: Record<string, string>): string {
  const address = path.replaceAll(
    /([\w-]+)\/\{(\w+)\}/g,
    (_, kind: string, name: string) => `${kind}/${values[name === 'id' ? kind : name]}`,
  )
  const [from, to] = ['2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z']
  return path === '/internal/replay' ? `${address}?from=${from}&to=${to}` : address
}

async function ask({ url, token }: Suite, address: string) {
  if (address.startsWith('/internal/')) {
    return internal(url, address.slice('/internal'.length))
  }
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const response = await fetch(url + address, { headers })
  return { status: response.status, body: await response.json() }
}
