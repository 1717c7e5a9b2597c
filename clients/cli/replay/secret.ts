import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirOf, type Environment } from '@switchhook/shared/config'
import { Failure } from '../exit-codes.ts'
import { root } from '../workspace.ts'

const name = 'INTERNAL_API_SECRET'

/**
 * What opens the operators' API: of the environment, else what the service on this machine made up. Never made up here,
 * where no service would know it.
 * @throws Failure if there is none
 */
export function internalSecret(environment: Environment): string {
  const path = environment[`${name}_FILE`] || join(dataDirOf(root, environment), 'secrets', name)
  const [secret] = (environment[name] || fileText(path)).split(',', 1)
  if (secret) return secret.trim()
  throw new Failure(
    `${name} is not set, and ${path} cannot be read`,
    'Set it to that of the service, or run this as the user of the service, with its DATA_DIR.',
  )
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
