import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './mistake.ts'

/** Names and texts, as a process is given them. An empty text counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment a process works with: `.env` of the workspace under the real one.
 * @throws ConfigError if there is a `.env` that cannot be read
 */
export function readEnvironment(root: string, real: Environment): Environment {
  return { ...readDotEnv(join(root, '.env')), ...real }
}

/** DATA_DIR as an absolute path: relative ones lie under the workspace root, wherever a command is run. */
export function dataDirOf(root: string, environment: Environment): string {
  return resolve(root, environment.DATA_DIR || '.data')
}

function readDotEnv(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw new ConfigError([{ name: '.env', reason: `cannot be read: ${message}` }])
  }
}
