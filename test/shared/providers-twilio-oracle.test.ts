import * as fc from 'fast-check'
import { test } from 'tap'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { twilio } from '@switchhook/shared/providers/twilio'
import { formOf } from '../contracts/provider-fixtures.ts'
import { twilioAccepts } from '../kit/providers/twilio.ts'
import type { Delivery } from '@switchhook/shared/providers'

const { simulator, verifier } = twilio
const { credential: known } = simulator.newKeys()
const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
const name = fc.oneof(text, fc.constantFrom('CallSid', 'CallStatus', 'Digits', '__proto__', '1'))
const pairs = fc.array(fc.tuple(name, text), { maxLength: 20 })
const token = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdef')),
  minLength: 32,
  maxLength: 32,
})
const path = fc.constantFrom('', '/', '/webhooks/twilio', '/a b', "/it's", '/%7E')
const query = fc.constantFrom('', '?', '?b=2&a=1', '?x=%2B+%20&x', "?q='")
const address = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'https://user:secret@'),
    fc.constantFrom('calls.example.com', 'localhost', '10.0.0.1', '[::1]'),
    fc.tuple(path, query),
  )
  .map(
    ([scheme, host, rest]) =>
      (port: string) =>
        `${scheme}${host}${port}${rest.join('')}`,
  )
const port = fc.constantFrom('', ':443', ':80', ':8443')

function withSignature(delivery: Delivery, signature: string): Delivery {
  return { ...delivery, headers: { 'x-twilio-signature': signature } }
}

test('what the library signs is accepted, whatever the parameters and the URL', () => {
  const property = fc.asyncProperty(pairs, token, address, async (sent, secret, at) => {
    const url = at('')
    const body = Buffer.from(new URLSearchParams(sent).toString())
    const delivery: Delivery = { method: 'POST', url, headers: {}, body }
    const parameters = body.length > 0 ? formOf(delivery) : {}
    const signature = getExpectedTwilioSignature(secret, url, parameters)
    const verdict = await verifier([known, secret], {})(withSignature(delivery, signature), 0)
    return verdict.ok && verdict.credential === 1
  })
  return fc.assert(property, { numRuns: 1000 })
})

test('what the simulator signs, the library accepts', async () => {
  const request = fc.record({ pairs, signingKey: token, address, port })
  const property = fc.property(request, ({ pairs: sent, signingKey, address: at, port: colon }) => {
    const body = Buffer.from(new URLSearchParams(sent).toString())
    const signing = { signingKey, nowSeconds: 0, url: at(colon), settings: {} }
    return twilioAccepts(simulator.sign(body, signing), signingKey)
  })
  fc.assert(property, { numRuns: 1000 })
})

test('what the simulator signs as JSON, the library accepts', async () => {
  const property = fc.property(fc.json(), token, (json, signingKey) => {
    const url = 'https://calls.example.com/webhooks/twilio?app=1'
    const content = Buffer.from(`[${json}]`.toWellFormed())
    const delivery = simulator.sign(content, { signingKey, nowSeconds: 0, url, settings: {} })
    return twilioAccepts(delivery, signingKey)
  })
  fc.assert(property, { numRuns: 300 })
})

test('no port passes which the library would not let pass', () => {
  const property = fc.asyncProperty(address, port, port, async (at, signedPort, calledPort) => {
    const body = Buffer.from('CallSid=CA1')
    const signature = getExpectedTwilioSignature(known, at(signedPort), { CallSid: 'CA1' })
    const url = at(calledPort)
    const delivery = withSignature({ method: 'POST', url, headers: {}, body }, signature)
    const { ok } = await verifier([known], {})(delivery, 0)
    return !ok || twilioAccepts(delivery, known)
  })
  return fc.assert(property, { numRuns: 1000 })
})
