import { createHmac, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { authMistakes, Options, sourceMistakes } from '@switchhook/plugins/auth'
import { loadConfig } from '@switchhook/shared/config'
import { jwtSecret, temporaryDir } from '../kit/build.ts'
import { until } from '../kit/until.ts'
import { authApp, bearer, call } from './auth-app.ts'
import { forged, newSigner } from './auth-signers.ts'

const claims = { sub: 'u1', exp: Math.floor(Date.now() / 1_000) + 3_600 }

/** Who asks with a token is told its code, or `ok`. */
function asker(url: string) {
  return async (token: string): Promise<string> => {
    const { status, body } = await call(url, '/whoami', { headers: bearer(token) })
    return status === 200 ? 'ok' : (body as { code: string }).code
  }
}

t.test('a public key verifies what its kind of key signs', async (t) => {
  for (const algorithm of ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const) {
    const signer = newSigner(algorithm)
    const { url } = await authApp(t, {
      environment: { JWT_SECRET: '', JWT_PUBLIC_KEY: signer.publicPem },
      secrets: [signer.publicPem.split('\n')[1]!],
    })
    const ask = asker(url)
    t.equal(await ask(await signer.sign()), 'ok', algorithm)
    t.equal(await ask(await signer.sign({}, { kid: 'any' })), 'ok', 'a PEM has no name')
    t.equal(await ask(await newSigner(algorithm).sign()), 'auth_invalid', 'of somebody else')
    t.equal(await ask(await signer.sign({ exp: 1 })), 'auth_expired')
    t.equal(await ask(await signer.sign({ exp: undefined })), 'auth_invalid')
    const good = await signer.sign()
    t.equal(await ask(`${good.slice(0, -4)}AAAA`), 'auth_invalid')
  }
})

t.test('several keys are accepted while one replaces another, also from a file', async (t) => {
  const [old, young, stranger] = [newSigner('RS256'), newSigner('ES256'), newSigner('ES256')]
  const file = join(temporaryDir(t), 'keys.pem')
  writeFileSync(file, `${old.publicPem}\n${young.publicPem}`)
  const escaped = [old, young].map(({ publicPem }) => publicPem.replaceAll('\n', '\\n')).join(',')
  for (const given of [{ JWT_PUBLIC_KEY_FILE: file }, { JWT_PUBLIC_KEY: escaped }]) {
    const { url } = await authApp(t, { environment: { JWT_SECRET: '', ...given } })
    const ask = asker(url)
    const all = [old, young, stranger].map(async (signer) => ask(await signer.sign()))
    t.strictSame(await Promise.all(all), ['ok', 'ok', 'auth_invalid'])
  }
})

t.test('a public key is no secret, and no token does without a signature', async (t) => {
  const signer = newSigner('RS256')
  const { url } = await authApp(t, {
    environment: { JWT_SECRET: '', JWT_PUBLIC_KEY: signer.publicPem },
  })
  const ask = asker(url)
  for (const algorithm of ['HS256', 'HS384', 'HS512']) {
    for (const key of [signer.publicPem, signer.publicPem.trim(), jwtSecret]) {
      const unsigned = forged({ alg: algorithm }, claims).slice(0, -1)
      const hash = algorithm.replace('HS', 'sha')
      const signature = createHmac(hash, key).update(unsigned).digest('base64url')
      t.equal(await ask(`${unsigned}.${signature}`), 'auth_invalid', algorithm)
    }
  }
  for (const alg of ['none', 'None', 'NONE', '', 'RS256', 'rs256', null, ['RS256'], 7]) {
    t.equal(await ask(forged({ alg }, claims)), 'auth_invalid', String(alg))
    t.equal(await ask(forged({ alg }, claims, 'signed')), 'auth_invalid', String(alg))
  }
  const embedded = { alg: 'RS256', jwk: newSigner('RS256').jwk(), jku: 'https://evil.test/keys' }
  t.equal(await ask(await newSigner('RS256').sign({}, embedded)), 'auth_invalid')
  t.equal(await ask(await newSigner('PS256').sign()), 'auth_invalid')
  t.equal(await ask(await signer.sign({}, { crit: ['b64'], b64: true })), 'auth_invalid')
  for (const text of ['nonsense', 'a.b', 'a.b.c', '..', 'e30.e30.', `${'a'.repeat(8_000)}.b.c`]) {
    t.equal(await ask(text), 'auth_invalid', text.slice(0, 10))
  }
})

t.test('with a secret only HS256 is accepted', async (t) => {
  const { url } = await authApp(t)
  const ask = asker(url)
  const unsigned = forged({ alg: 'HS512' }, claims).slice(0, -1)
  const signature = createHmac('sha512', jwtSecret).update(unsigned).digest('base64url')
  t.equal(await ask(`${unsigned}.${signature}`), 'auth_invalid')
  t.equal(await ask(await newSigner('RS256').sign()), 'auth_invalid')
})

t.test('issuer and audience are required once they are configured', async (t) => {
  const signer = newSigner('ES256')
  const { url } = await authApp(t, {
    environment: {
      JWT_SECRET: '',
      JWT_PUBLIC_KEY: signer.publicPem,
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'calls',
    },
  })
  const ask = async (more: object) => asker(url)(await signer.sign({ ...more }))
  t.equal(await ask({ iss: 'https://id.example', aud: 'calls' }), 'ok')
  t.equal(await ask({ iss: 'https://id.example', aud: ['mail', 'calls'] }), 'ok')
  t.equal(await ask({ iss: 'https://id.example' }), 'auth_invalid')
  t.equal(await ask({ aud: 'calls' }), 'auth_invalid')
  t.equal(await ask({ iss: 'https://id.example.evil', aud: 'calls' }), 'auth_invalid')
  t.equal(await ask({ iss: 'https://id.example', aud: 'mail' }), 'auth_invalid')
})

t.test('a token is verified once and remembered no longer than it lives', async (t) => {
  const signer = newSigner('ES256')
  const { app } = await authApp(t, {
    environment: { JWT_SECRET: '', JWT_PUBLIC_KEY: signer.publicPem },
  })
  const verify = app.jwt.verify as (...args: unknown[]) => unknown
  let count = 0
  Object.assign(app.jwt, {
    verify: (...args: unknown[]) => {
      count += 1
      return verify(...args)
    },
  })
  const soon = Math.floor(Date.now() / 1_000) + 5
  const token = await signer.sign({ exp: soon })
  for (let times = 0; times < 10; times += 1) await app.verifyToken(token)
  t.equal(count, 1)
  await until(() => Date.now() >= soon * 1_000)
  await t.rejects(app.verifyToken(token), { code: 'auth_expired' })
})

t.test('tokens come from one source, and keys that verify nothing are mistakes', (t) => {
  const mistakes = (environment: Record<string, string>) =>
    authMistakes(loadConfig(Options, { environment }))
  const { publicPem, privateKey } = newSigner('ES256')
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const spki = { type: 'spki', format: 'pem' } as const
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export(spki) as string
  const odd = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export(
    spki,
  ) as string
  for (const good of [
    { JWT_SECRET: jwtSecret },
    { JWT_PUBLIC_KEY: publicPem },
    { JWKS_URL: 'https://id.example/keys' },
    { JWKS_URL: 'http://127.0.0.1:9/keys' },
    { JWKS_URL: 'http://[::1]:9/keys' },
  ]) {
    t.strictSame(mistakes(good), [])
  }
  t.match(mistakes({}), [
    { name: 'JWT_SECRET', reason: /required, or JWT_PUBLIC_KEY, or JWKS_URL/ },
  ])
  for (const key of ['nonsense', privatePem, weak, odd, `${publicPem},${weak}`]) {
    const [mistake, ...others] = mistakes({ JWT_PUBLIC_KEY: key })
    t.match(mistake, { name: 'JWT_PUBLIC_KEY' })
    t.notMatch(mistake!.reason, '-----BEGIN')
    t.strictSame(others, [])
  }
  t.match(mistakes({ JWT_SECRET: publicPem }), [{ name: 'JWT_SECRET', reason: /PEM/ }])
  for (const url of [
    'http://id.example/keys',
    'http://127.0.0.1.evil.test/keys',
    'https://user:password@id.example/keys',
    'file:///x',
    'x',
  ]) {
    t.match(mistakes({ JWKS_URL: url }), [{ name: 'JWKS_URL' }], url)
    t.notMatch(JSON.stringify(mistakes({ JWKS_URL: url })), 'password')
  }
  t.strictSame(sourceMistakes({ JWT_SECRET: 'a', JWT_PUBLIC_KEY: '', JWKS_URL: undefined }), [])
  t.match(sourceMistakes({ JWT_SECRET_FILE: 'a', JWT_PUBLIC_KEY: 'b', JWKS_URL: 'c' }), [
    { name: 'JWT_PUBLIC_KEY', reason: /together with JWT_SECRET/ },
    { name: 'JWKS_URL' },
  ])
  t.end()
})
