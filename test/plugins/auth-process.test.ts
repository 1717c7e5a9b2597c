import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { freePort, ready, spawnService, type Running } from '../kit/process.ts'
import { bearer, call } from './auth-app.ts'
import { newSigner } from './auth-signers.ts'

async function start(t: Test, environment: Record<string, string>): Promise<Running> {
  const running = spawnService('event-hub', {
    DATA_DIR: temporaryDir(t),
    PORT: String(await freePort()),
    ...environment,
  })
  t.teardown(() => running.child.kill('SIGKILL'))
  return running
}

t.test('a hub with a public key needs no secret, and takes none', async (t) => {
  const signer = newSigner('EdDSA')
  const file = join(temporaryDir(t), 'public.pem')
  writeFileSync(file, signer.publicPem)
  const running = await start(t, { JWT_PUBLIC_KEY_FILE: file })
  await ready(running)
  const ask = async (token: string) =>
    (await call(running.url, '/api/ws/ticket', { method: 'POST', headers: bearer(token) })).status
  t.equal(await ask(await signer.sign()), 201)
  t.equal(await ask(await newSigner('EdDSA').sign()), 401)
})

t.test('a hub starts with exactly one source of tokens', async (t) => {
  const { publicPem } = newSigner('ES256')
  const shared = {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    INTERNAL_API_SECRET: internalSecret,
    SECRETS_KEY: secretsKey,
    PUBLIC_URL: 'https://calls.example.com',
    ALLOWED_ORIGINS: 'https://crm.example.com',
  }
  const both = { JWT_SECRET: jwtSecret, JWT_PUBLIC_KEY: publicPem }
  const lines: [environment: Record<string, string>, line: RegExp][] = [
    [shared, /^JWT_SECRET: is required, or JWT_PUBLIC_KEY, or JWKS_URL$/m],
    [{ ...shared, ...both }, /^JWT_PUBLIC_KEY: is set together with JWT_SECRET/m],
    [{ JWKS_URL: 'http://id.example/keys' }, /^JWKS_URL: is no https URL/m],
    [{ JWT_PUBLIC_KEY: 'nonsense' }, /^JWT_PUBLIC_KEY: is no PEM/m],
  ]
  for (const [environment, line] of lines) {
    const running = await start(t, environment)
    t.equal(await running.exited, 78)
    t.match(running.output(), line)
    t.equal(running.output().trim().split('\n').length, 1)
  }
})
