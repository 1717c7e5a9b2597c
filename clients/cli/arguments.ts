import { parseArgs } from 'node:util'
import { UsageError } from './exit-codes.ts'
import type { Flags, Values } from './command.ts'

/** Flags that every command knows. */
export const commonFlags = {
  json: { type: 'boolean', description: 'Print JSON, one value per line.' },
  help: { type: 'boolean', description: 'Explain the command.' },
} as const satisfies Flags

/** A command line taken apart. */
export interface Arguments {
  readonly flags: Values<Flags> & Values<typeof commonFlags>
  readonly words: readonly string[]
}

/**
 * Takes the arguments of a command apart.
 * @throws UsageError naming what does not belong there
 */
export function parse(args: readonly string[], flags: Flags): Arguments {
  const known: Flags = { ...flags, ...commonFlags }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type }]) => [
      name,
      { type, ...(name === 'help' && { short: 'h' }) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const defaults = Object.fromEntries(
      Object.entries(known).map(([name, flag]) => [name, defaultOf(flag)]),
    )
    return { flags: { ...defaults, ...values } as Arguments['flags'], words: positionals }
  } catch (error) {
    // Node adds a hint about `--` that only fits when positionals could be meant.
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}

function defaultOf(flag: Flags[string]): boolean | string | undefined {
  return flag.type === 'boolean' ? false : flag.default
}

/** @throws UsageError unless the text is an integer within the bounds */
export function integerFlag(name: string, text: string, bounds: readonly [number, number]): number {
  const [low, high] = bounds
  const value = Number(text)
  if (/^[0-9]+$/.test(text) && value >= low && value <= high) return value
  throw new UsageError(`--${name} must be an integer from ${low} to ${high}, is '${text}'`)
}

/** @throws UsageError unless the text is one of the choices */
export function choiceFlag<const Choice extends string>(
  name: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === text)
  if (choice !== undefined) return choice
  throw new UsageError(`--${name} must be one of ${choices.join(', ')}, is '${text}'`)
}

/** @throws UsageError unless the text is a URL with one of the protocols */
export function urlFlag(name: string, text: string, protocols: readonly string[]): URL {
  const url = URL.parse(text)
  if (url && protocols.includes(url.protocol)) return url
  throw new UsageError(`--${name} must be a URL with ${protocols.join(' or ')}, is '${text}'`)
}
