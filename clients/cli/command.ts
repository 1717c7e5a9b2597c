import type { Environment } from '@switchhook/shared/config'
import type { Output } from './output.ts'

/** A flag of a command. A string flag names its value, e.g. `<address>`. */
export type Flag =
  | { readonly type: 'boolean'; readonly description: string }
  | {
      readonly type: 'string'
      readonly value: string
      readonly description: string
      readonly default?: string
    }

export type Flags = Readonly<Record<string, Flag>>

/** What the flags were set to; one with a default always has a value. */
export type Values<Given extends Flags> = {
  readonly [Name in keyof Given]: Given[Name] extends { type: 'boolean' }
    ? boolean
    : Given[Name] extends { default: string }
      ? string
      : string | undefined
}

/** One call of a command. */
export interface Call<Given extends Flags = Flags> {
  readonly flags: Values<Given>
  readonly words: readonly string[]
  readonly environment: Environment
  readonly out: Output
}

/** A command: how it is called, and what it does. */
export interface Command<Given extends Flags = Flags> {
  readonly summary: string
  /** What follows the name, e.g. `[services…]`. */
  readonly words?: string
  readonly flags: Given
  /** @returns the exit code */
  run(call: Call<Given>): Promise<number>
}

/** Types the flags of a command by their own description. */
export function command<const Given extends Flags>(definition: Command<Given>): Command {
  // A method's parameters are compared loosely: `run` is only ever called with the values of its own flags.
  return definition
}
