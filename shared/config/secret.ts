import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../data-dir/index.ts'
import { leavesOf, namesOf, variablesOf, type Leaf } from './leaf.ts'
import { ConfigError, type Mistake } from './mistake.ts'
import type { Environment } from './environment.ts'
import type { TObject } from 'typebox'

/** Any of these set means that the store is not the embedded one. */
const sharedStore = ['DATABASE_URL', 'DATABASE_URL_FILE', 'DB_HOST']

/**
 * Gives every secret that can be made up and was not given a value that outlives the process, kept in
 * `<dataDir>/secrets/<NAME>`. With a database of one's own nothing is made up.
 * @returns a new environment
 * @throws ConfigError if a secret can neither be read nor created
 */
export function fillSecrets(
  schema: TObject,
  environment: Environment,
  dataDir: string,
): Environment {
  const filled: Record<string, string | undefined> = { ...environment }
  // Replicas share a database but no directory: each would make up its own.
  if (sharedStore.some((name) => environment[name])) return filled
  const mistakes: Mistake[] = []
  for (const leaf of variablesOf(schema).filter((each) => isMissing(each, environment))) {
    try {
      filled[leaf.name] = readOrCreate(
        join(dataDir, 'secrets'),
        leaf.name,
        leaf.keywords.generated!,
      )
    } catch (error) {
      mistakes.push({ name: leaf.name, reason: `${(error as Error).message}; set it, or DATA_DIR` })
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return filled
}

/** The configuration by variable, fit to be printed: secrets show as `***`. */
export function redacted(schema: TObject, config: object): Record<string, unknown> {
  return Object.fromEntries(
    leavesOf(schema).map((leaf) => {
      const value = leaf.path.reduce<unknown>(
        (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
        config,
      )
      const hidden = leaf.keywords.secret && value !== undefined && !isEmpty(value)
      return [leaf.keywords.env ?? leaf.path.join('.'), hidden ? '***' : (value ?? null)]
    }),
  )
}

function isMissing(leaf: Leaf, environment: Environment): boolean {
  if (leaf.keywords.generated === undefined) return false
  return namesOf(leaf).every((name) => !environment[name] && !environment[`${name}_FILE`])
}

function readOrCreate(directory: string, name: string, bytes: number): string {
  const path = join(directory, name)
  makeDirectory(directory)
  keepPrivate(directory, 0o700)
  if (!fs.existsSync(path)) create(directory, name, randomBytes(bytes).toString('base64'))
  keepPrivate(path, 0o600)
  const secret = fs.readFileSync(path, 'utf8').trim()
  // Never made anew by itself: what the lost key sealed could not be opened again.
  if (secret === '') throw new Error(`${path} is empty; delete it to have a new one generated`)
  return secret
}

/** Complete under its name or not there at all, and of two starters the first one wins: `link` never overwrites. */
function create(directory: string, name: string, secret: string): void {
  const draft = join(directory, `.${name}.${process.pid}.${randomBytes(4).toString('hex')}`)
  writeDurably(draft, `${secret}\n`)
  try {
    fs.linkSync(draft, join(directory, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    fs.unlinkSync(draft)
  }
  syncDirectory(directory)
}

function writeDurably(path: string, text: string): void {
  const file = fs.openSync(path, 'wx', 0o600)
  try {
    fs.writeSync(file, text)
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function syncDirectory(path: string): void {
  const directory = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(directory)
  } finally {
    fs.closeSync(directory)
  }
}

/** A restored backup or a careless copy may have opened it to the group. */
function keepPrivate(path: string, mode: number): void {
  if ((fs.statSync(path).mode & 0o077) !== 0) fs.chmodSync(path, mode)
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}
