import { readFileSync } from 'node:fs'
import { Failure } from '../exit-codes.ts'
import type { Environment } from '@switchhook/shared/config'
import type { Flags } from '../command.ts'

const variable = 'SWITCHHOOK_TOKEN'

/** How a command is given a token. */
export const tokenFlags = {
  token: {
    type: 'string',
    value: '<jwt>',
    description: `A token or an API key; lists of processes show it, so better ${variable} or --token-file.`,
  },
  'token-file': {
    type: 'string',
    value: '<file>',
    description: 'The file it is in; - is stdin.',
  },
} as const satisfies Flags

/** What may be said about a token. */
interface Given {
  readonly token: string | undefined
  readonly 'token-file': string | undefined
}

/** The token of the flags, else that of the environment; undefined if there is none. @throws Failure if its file cannot be read */
export function tokenIn(flags: Given, environment: Environment): string | undefined {
  const file = flags['token-file']
  const text = flags.token ?? (file === undefined ? environment[variable] : read(file))
  return text?.trim() || undefined
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
