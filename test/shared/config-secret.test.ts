import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { fillSecrets, loadConfig, redacted } from '@switchhook/shared/config'
import { enough, mistakesOf, Sample } from './config-sample.ts'

test('a missing secret is generated once and kept private', async (t) => {
  const dataDir = join(t.testdir({}), 'data')
  const filled = fillSecrets(Sample, { PORT: '1' }, dataDir)
  t.equal(filled.PORT, '1')
  t.equal(Buffer.from(filled.JWT_SECRET!, 'base64').length, 32)
  const path = join(dataDir, 'secrets', 'JWT_SECRET')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(join(dataDir, 'secrets')).mode & 0o777, 0o700)
  t.strictSame(readdirSync(join(dataDir, 'secrets')), ['JWT_SECRET'], 'no draft is left behind')
  chmodSync(path, 0o644)
  t.strictSame(fillSecrets(Sample, { PORT: '1' }, dataDir), filled)
  t.equal(statSync(path).mode & 0o777, 0o600, 'a file that others could read is closed again')
  writeFileSync(path, '')
  t.match(
    mistakesOf(() => fillSecrets(Sample, {}, dataDir)),
    [{ reason: /is empty; delete it/ }],
  )
})

test('a secret that was given is not generated', async (t) => {
  const dataDir = join(t.testdir({}), 'data')
  t.strictSame(fillSecrets(Sample, enough, dataDir), enough)
  t.strictSame(fillSecrets(Sample, { JWT_SECRET_FILE: '/x' }, dataDir), { JWT_SECRET_FILE: '/x' })
  const shared = { DATABASE_URL: 'postgres://db.example/calls' }
  t.strictSame(
    fillSecrets(Sample, shared, dataDir),
    shared,
    'nor with a database that others use too',
  )
  t.notOk(existsSync(dataDir))
})

test('a directory that cannot hold secrets is a mistake, not a crash', async (t) => {
  const file = join(t.testdir({ data: 'a file' }), 'data')
  t.match(
    mistakesOf(() => fillSecrets(Sample, {}, file)),
    [{ name: 'JWT_SECRET', reason: /ENOTDIR|EEXIST/ }],
  )
})

test('processes that start at the same moment agree on the secret', async (t) => {
  const dataDir = join(t.testdir({}), 'data')
  const program = `
    import { Type } from 'typebox'
    import { fillSecrets } from '@switchhook/shared/config'
    const schema = Type.Object({ jwt: Type.String({ env: 'JWT_SECRET', secret: true, generated: 32 }) })
    process.stdout.write(fillSecrets(schema, {}, process.argv[1]).JWT_SECRET)`
  const starters = Array.from({ length: 6 }, async () => {
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '-e', program, dataDir],
      { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await once(child, 'close')
    return text
  })
  const secrets = new Set(await Promise.all(starters))
  t.strictSame([...secrets], [readFileSync(join(dataDir, 'secrets', 'JWT_SECRET'), 'utf8').trim()])
})

test('secrets print as stars', async (t) => {
  const config = loadConfig(Sample, { environment: { ...enough, PORT: '1' } })
  t.strictSame(redacted(Sample, config), {
    HOST: '127.0.0.1',
    PORT: 1,
    ADMIN_PORT: null,
    SAMPLE_RATIO: 0.5,
    VERBOSE_MODE: false,
    LOG_LEVEL: 'info',
    ALLOWED_ORIGINS: [],
    JWT_SECRET: '***',
  })
})
