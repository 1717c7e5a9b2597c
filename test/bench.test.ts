import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { temporaryDir } from './kit/build.ts'
import { emptyDatabase } from './kit/postgres.ts'
import { root } from './kit/process.ts'

t.test('the benchmarks run, and every row of them counts', { timeout: 500_000 }, async (t) => {
  const all = ['ingest', 'embedded', 'fanout', 'calls']
  const args = [join(root, 'bench/main.ts'), ...all, '--quick', '--json']
  // The exit code is 1 when a request was refused or an event was lost; how fast it was is no matter here.
  const env = { ...process.env, DATABASE_URL: await emptyDatabase(t) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 490_000, env })
  const valid = { valid: true }
  t.match(JSON.parse(stdout), Object.fromEntries(all.map((name) => [name, valid])))
})

t.test('a benchmark that is interrupted leaves nothing behind', async (t) => {
  const dir = temporaryDir(t)
  const child = spawn(process.execPath, [join(root, 'bench/main.ts'), 'calls'], {
    env: { ...process.env, TMPDIR: dir },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const said of child.stderr) if (String(said).includes('calls: 0 of')) break
  t.equal(readdirSync(dir).length, 1)
  child.kill('SIGINT')
  t.strictSame(await once(child, 'exit'), [130, null])
  t.strictSame(readdirSync(dir), [])
})
