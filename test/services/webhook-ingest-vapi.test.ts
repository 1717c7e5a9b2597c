import { createServer } from 'node:http'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { build, temporaryDir } from '../kit/build.ts'
import { post } from '../kit/sender.ts'
import type { AddressInfo } from 'node:net'

const secret = 'vapi-secret-of-the-assistant'
const headers = { 'content-type': 'application/json', 'x-vapi-secret': secret }
const question = Buffer.from(
  JSON.stringify({
    message: {
      type: 'assistant-request',
      timestamp: Date.now(),
      call: { id: 'c1', type: 'inboundPhoneCall', customer: { number: '+12025550133' } },
    },
  }),
)
const send = (url: string, body = question) => post(url, { body, headers }, '/webhooks/vapi')

/** The customer's own server, which says what it is asked to say. */
async function relay(t: Test, answer: () => { status: number; body: string }): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const { status, body } = answer()
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/assistant`
}

t.test(
  'an assistant-request gets the relay’s answer, else the static one, and is journaled',
  async (t) => {
    let answer = { status: 200, body: '{"assistantId":"from the relay"}' }
    const file = join(temporaryDir(t), 'answers.json')
    writeFileSync(file, JSON.stringify({ 'assistant-request': { assistantId: 'from the file' } }))
    const { url, app } = await build(t, {
      environment: {
        VAPI_WEBHOOK_SECRET: secret,
        VAPI_RELAY_URL: await relay(t, () => answer),
        VAPI_STATIC_ANSWER_FILE: file,
      },
    })
    t.match(await send(url), { status: 200, body: { assistantId: 'from the relay' } })
    answer = { status: 500, body: 'no' }
    t.match(await send(url), { status: 200, body: { assistantId: 'from the file' } }, 'a retry')
    const rows = await app.journal.read(app.directory.firstApp.id, 0, 10)
    t.match(rows, [{ type: 'ai.request', call: 'c1' }])
    t.equal(rows.length, 1)
  },
)

t.test('without either it gets the receipt, and what waits for nothing always does', async (t) => {
  const { url } = await build(t, { environment: { VAPI_WEBHOOK_SECRET: secret } })
  t.match(await send(url), { status: 200, body: { status: 'accepted', events: [String] } })
  const told = question.toString().replace('assistant-request', 'hang')
  t.match(await send(url, Buffer.from(told)), { status: 200, body: { status: 'accepted' } })
  t.match(await post(url, { body: question, headers: {} }, '/webhooks/vapi'), { status: 401 })
})
