import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Postgres, type Lifetime } from './postgres.ts'
import { startRedis } from './redis.ts'

// node test/kit/servers.ts <command …>: runs it with DATABASE_URL and REDIS_URL, of the environment or of private
// servers that end with it, whatever becomes of it.
const [command = '', ...args] = process.argv.slice(2)

const ends: (() => unknown)[] = []
const lifetime: Lifetime = { teardown: (end) => void ends.unshift(end) }

async function run(): Promise<number> {
  const { DATABASE_URL, REDIS_URL } = process.env
  const databaseUrl = DATABASE_URL || (await Postgres.start(lifetime, ['max_connections=300'])).url
  const redisUrl = REDIS_URL || (await startRedis(lifetime)).url
  const env = { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl }
  const child = spawn(command, args, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  for (const end of ends) await end()
}
