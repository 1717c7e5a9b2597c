import t from 'tap'
import { connectionMistakes, Options } from '@switchhook/services/webhook-ingest/connections'
import { loadConfig } from '@switchhook/shared/config'

const publicUrl = 'https://calls.example.com'
const whole = {
  CLIENT_ID: 'client-1',
  CLIENT_SECRET: 'secret',
  REDIRECT_URI: `${publicUrl}/auth/dialpad/callback`,
}

function mistakes(environment: Record<string, string>, url?: string) {
  return connectionMistakes(loadConfig(Options, { environment }), url)
}

t.test('all of the client or nothing of it is right', (t) => {
  t.strictSame(mistakes({}), [])
  t.strictSame(mistakes(whole), [])
  t.strictSame(mistakes(whole, `${publicUrl}/`), [])
  t.strictSame(mistakes({ CLIENT_ID: 'client-1' }), [
    { name: 'CLIENT_SECRET', reason: 'is required with CLIENT_ID' },
    { name: 'REDIRECT_URI', reason: 'is required with CLIENT_ID' },
  ])
  const { CLIENT_ID: _, ...rest } = whole
  t.strictSame(mistakes(rest), [
    { name: 'CLIENT_ID', reason: 'is required with CLIENT_SECRET and REDIRECT_URI' },
  ])
  t.end()
})

t.test('addresses must be ones, and the one we are called back at must be ours', (t) => {
  const wrong = [
    'nonsense',
    'ftp://calls.example.com/auth/dialpad/callback',
    'https://calls.example.com/auth/dialpad',
    'https://calls.example.com/auth/dialpad/callback?x=1',
    'https://calls.example.com/auth/dialpad/callback#x',
  ]
  for (const uri of wrong) {
    t.match(
      mistakes({ ...whole, REDIRECT_URI: uri }),
      [{ name: 'REDIRECT_URI', reason: /ends with \/auth\/dialpad\/callback/ }],
      uri,
    )
  }
  t.match(mistakes(whole, 'https://other.example.com'), [
    { name: 'REDIRECT_URI', reason: /not at PUBLIC_URL/ },
  ])
  t.match(mistakes({ ...whole, DIALPAD_BASE_URL: 'dialpad' }), [
    { name: 'DIALPAD_BASE_URL', reason: /http/ },
  ])
  t.throws(() => loadConfig(Options, { environment: { DIALPAD_SCOPES: 'a "b"' } }))
  t.end()
})
