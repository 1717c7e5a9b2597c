import { Ajv } from 'ajv'
import specs from '@asyncapi/specs'
import t from 'tap'
import { closeCodes } from '@switchhook/shared/protocol'
import {
  clientExamples,
  eventExample,
  frameExamples,
} from '../../services/event-hub/asyncapi/examples.ts'
import { asyncapi } from '../../services/event-hub/asyncapi/index.ts'
import { Options } from '../../services/event-hub/config.ts'
import { clientData, clientMessages, controlFrames } from '@switchhook/shared/messages'
import { Value } from 'typebox/value'
import { build } from '../kit/build.ts'
import { mistakeIn } from '../kit/strict-frames.ts'

const limits = Value.Create(Options)
const document = asyncapi({ publicUrl: 'https://calls.example.com/hub/', limits })

t.test('the document is AsyncAPI 3.0 by the schema of the AsyncAPI initiative', (t) => {
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false })
  const check = ajv.compile(specs.schemas['3.0.0'] as object)
  t.ok(check(document), JSON.stringify(check.errors))
  t.notOk(check({ ...document, servers: { socket: {} } }), 'it would notice')
  t.end()
})

t.test('every reference leads somewhere', (t) => {
  let count = 0
  for (const reference of referencesIn(document)) {
    count += 1
    const steps = reference.replace('#/', '').split('/')
    const found = steps.reduce<unknown>(
      (at, step) => (at as Record<string, unknown>)[step],
      document,
    )
    t.ok(found, reference)
  }
  t.ok(count > 100)
  t.end()
})

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('$ref' in value) return [String(value.$ref)]
  return Object.values(value).flatMap(referencesIn)
}

t.test('it has every frame, every message, every close code and every limit', (t) => {
  const { messages } = document['components'] as { messages: Record<string, { payload: object }> }
  const said = Object.keys(clientMessages).map((type) => `say-${type}`)
  const names = [...said, 'event', ...Object.keys(controlFrames)]
  t.strictSame(Object.keys(messages).toSorted(), names.toSorted())
  t.match(document['x-close-codes'], Object.values(closeCodes))
  t.match(document['x-limits'], { length: Object.keys(limits).length })
  t.match(document['x-limits'], [{ setting: 'WS_MESSAGE_BYTES', value: 16_384 }])
  t.end()
})

t.test('its examples are what its schemas say', (t) => {
  t.equal(mistakeIn(eventExample), null)
  for (const [event, data] of Object.entries(frameExamples)) {
    t.equal(mistakeIn({ event, data } as { event: string }), null)
  }
  for (const { type, data } of Object.values(clientExamples).flat()) {
    t.strictSame(clientData(type, data), data)
  }
  t.end()
})

t.test('its servers are where clients call', (t) => {
  t.match(document['servers'], {
    socket: { host: 'calls.example.com', pathname: '/hub', protocol: 'wss' },
    http: { host: 'calls.example.com', pathname: '/hub', protocol: 'https' },
  })
  const { servers } = asyncapi({ publicUrl: 'http://127.0.0.1:3000', limits })
  t.match(servers, {
    socket: { host: '127.0.0.1:3000', protocol: 'ws' },
    http: { protocol: 'http' },
  })
  t.end()
})

t.test('a hub serves its own to pages of any origin', async (t) => {
  const { url } = await build(t, {
    environment: { PUBLIC_URL: 'https://calls.example.com', WS_MESSAGE_BYTES: '1000' },
  })
  const headers = { origin: 'https://elsewhere.example' }
  const response = await fetch(`${url}/asyncapi.json`, { headers })
  t.match(response.headers.get('access-control-allow-origin'), '*')
  t.match(await response.json(), {
    asyncapi: '3.0.0',
    servers: { socket: { host: 'calls.example.com', protocol: 'wss' } },
    'x-limits': [{ setting: 'WS_MESSAGE_BYTES', value: 1_000 }],
  })
})
