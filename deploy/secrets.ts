import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'

// node deploy/secrets.ts <directory>: makes up the secrets that containers share, one file each.
// What is there stays as it is, however often this runs: nothing else opens what SECRETS_KEY sealed,
// and a database keeps its first password.

const servicesOnly = 0o600
/** Also for the database, which runs as another user and is given our group. */
const withDatabase = 0o640

const modes = {
  JWT_SECRET: servicesOnly,
  INTERNAL_API_SECRET: servicesOnly,
  SECRETS_KEY: servicesOnly,
  DB_PASSWORD: withDatabase,
  POSTGRES_PASSWORD: withDatabase,
}

const [directory] = process.argv.slice(2)

if (directory === undefined) {
  process.stderr.write('Say where: node deploy/secrets.ts <directory>\n')
  process.exitCode = 2
} else {
  for (const [name, mode] of Object.entries(modes)) {
    const made = createOnce(join(directory, name), mode)
    process.stdout.write(`${name}: ${made ? 'made' : 'kept'}\n`)
  }
  syncDirectory(directory)
}

/** Complete under its name or not there at all, also after a power cut; `link` never overwrites. */
function createOnce(path: string, mode: number): boolean {
  if (fs.existsSync(path)) return false
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  const file = fs.openSync(draft, 'wx', mode)
  try {
    // Whatever the umask is.
    fs.fchmodSync(file, mode)
    fs.writeSync(file, `${randomBytes(32).toString('base64')}\n`)
    fs.fsyncSync(file)
    fs.linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    fs.closeSync(file)
    fs.unlinkSync(draft)
  }
}

function syncDirectory(path: string): void {
  const file = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}
