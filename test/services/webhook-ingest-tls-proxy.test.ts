import { request } from 'node:https'
import t from 'tap'
import twilioSdk from 'twilio'
import { build } from '../kit/build.ts'
import { post } from '../kit/sender.ts'
import { startTlsProxy } from '../kit/tls-proxy.ts'

const token = '0123456789abcdef0123456789abcdef'
const form = { CallSid: 'CA1', AccountSid: 'AC1', CallStatus: 'ringing', SequenceNumber: '1' }
const body = Buffer.from(new URLSearchParams(form).toString())

/** The headers Twilio would send when it calls a URL with the form. */
function signedFor(url: string): Record<string, string> {
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': twilioSdk.getExpectedTwilioSignature(token, url, form),
  }
}

/** Posts over TLS to somebody whose root is known. @returns the status */
function postTls(url: string, ca: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', ca, headers, timeout: 10_000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

t.test('a signed URL verifies behind a proxy that ends TLS, with only the URL set', async (t) => {
  const plain = await build(t, { environment: { TWILIO_AUTH_TOKEN: token } })
  const address = 'https://calls.example.com/hooks/twilio'
  const environment = { TWILIO_AUTH_TOKEN: token, TWILIO_PUBLIC_URL: address }
  const suite = await build(t, { environment })
  const proxy = await startTlsProxy(t, suite.url)
  const called = `${proxy.url}/webhooks/twilio?tenant=7`
  t.equal(await postTls(called, proxy.ca, signedFor(`${address}?tenant=7`)), 200)
  t.equal(await postTls(called, proxy.ca, signedFor(address)), 401, 'the query is signed along')
  t.equal(await postTls(called, proxy.ca, signedFor(called)), 401, 'our own name is not asked')
  t.equal(
    (await post(plain.url, { body, headers: signedFor(address) }, '/webhooks/twilio')).status,
    401,
  )
})

t.test('nobody talks us into another URL than the one that is configured', async (t) => {
  const environment = {
    TWILIO_AUTH_TOKEN: token,
    PUBLIC_URL: 'https://calls.example.com',
  }
  const suite = await build(t, { environment })
  const send = async (url: string, more: Record<string, string> = {}): Promise<number> => {
    const headers = { ...signedFor(url), ...more }
    return (await post(suite.url, { body, headers }, '/webhooks/twilio')).status
  }
  const spoofed = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example;proto=https',
  }
  t.equal(await send('https://evil.example/webhooks/twilio', spoofed), 401)
  t.equal(await send('https://calls.example.com/webhooks/twilio', spoofed), 200)
  t.equal(await send('https://calls.example.com/webhooks/twilio'), 200)
})
