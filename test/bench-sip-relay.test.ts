import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { root } from './kit/process.ts'

t.test(
  'the benchmark of the relay runs, and every row of it counts',
  { timeout: 500_000 },
  async (t) => {
    const args = [join(root, 'bench/main.ts'), 'sip-relay', '--quick', '--json']
    // The exit code is 1 when a message was lost or changed on its way; how fast it was is no matter here.
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 490_000 })
    t.match(JSON.parse(stdout), { 'sip-relay': { valid: true } })
  },
)
