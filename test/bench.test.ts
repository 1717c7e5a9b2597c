import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { emptyDatabase } from './kit/postgres.ts'
import { root } from './kit/process.ts'

t.test('the benchmarks run, and every row of them counts', { timeout: 240_000 }, async (t) => {
  const args = [join(root, 'bench/main.ts'), '--quick', '--json']
  // The exit code is 1 when a request was refused or an event was lost; how fast it was is no matter here.
  const env = { ...process.env, DATABASE_URL: await emptyDatabase(t) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 230_000, env })
  const valid = { valid: true }
  t.match(JSON.parse(stdout), { ingest: valid, embedded: valid, fanout: valid })
})
