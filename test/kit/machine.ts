import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs'

/** A program the tests need and the Debian package that brings it. */
interface Need {
  /** A path, or a pattern of paths. */
  readonly program: string
  readonly package: string
  readonly why: string
  /** A variable that names one elsewhere; the tests that stop and kill it are then left out. */
  readonly instead?: string
}

const needs: readonly Need[] = [
  { program: '/usr/bin/curl', package: 'curl', why: 'the curl lines of the pages are run' },
  {
    program: '/usr/bin/chromium',
    package: 'chromium',
    why: 'the console is tested in a real browser',
  },
  {
    program: '/usr/lib/postgresql/*/bin/postgres',
    package: 'postgresql',
    why: 'everything is tested on PostgreSQL too',
    instead: 'DATABASE_URL',
  },
  {
    program: '/usr/bin/redis-server',
    package: 'redis-server',
    why: 'several processes are tested with the bus between them',
    instead: 'REDIS_URL',
  },
  {
    program: '/usr/bin/caddy',
    package: 'caddy',
    why: 'the containers are tried out behind their own proxy',
  },
  {
    program: '/usr/sbin/kamailio',
    package: 'kamailio',
    why: 'browser phones are tested against a real registrar',
  },
  {
    program: '/usr/lib/*/kamailio/modules/websocket.so',
    package: 'kamailio-websocket-modules',
    why: 'it speaks SIP over WebSocket',
  },
  {
    program: '/usr/lib/*/kamailio/modules/tls.so',
    package: 'kamailio-tls-modules',
    why: 'it speaks it over TLS too',
  },
]

const policy = '/usr/sbin/policy-rc.d'

// Run before the tests: installs what is missing, or says what to install.
const missing = needs.filter(
  ({ program, instead }) => globSync(program).length === 0 && !process.env[instead ?? ''],
)
if (missing.length > 0) install(missing)
else say('Everything the tests need is here.')

function install(needed: readonly Need[]): void {
  const packages = needed.map((need) => need.package)
  for (const need of needed) say(`Missing: ${need.program} (${need.package}): ${need.why}.`)
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    say(
      `Install ${packages.join(', ')} (Debian: apt-get install ${packages.join(' ')}), then run this again.`,
    )
    process.exit(1)
  }
  say(`Installing ${packages.join(', ')} with apt-get …`)
  const release = refuseDaemons()
  try {
    apt('update', '-qq')
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  } finally {
    release()
  }
}

/** A package may start its daemon when it is installed; nothing of ours may listen on a machine unasked. */
function refuseDaemons(): () => void {
  if (existsSync(policy)) return () => {}
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return () => rmSync(policy, { force: true })
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000, env })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
