/** Something wrong with the environment, in words for whoever has to correct it. */
export interface Mistake {
  /** The variable at fault. */
  readonly name: string
  /** Never contains the value of a secret. */
  readonly reason: string
  readonly example?: string | undefined
}

/** The configuration cannot be used; carries every mistake that was found, not the first one. */
export class ConfigError extends Error {
  readonly mistakes: readonly Mistake[]
  /** EX_CONFIG of sysexits: a supervisor knows that starting again is no use. */
  readonly exitCode = 78

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(lineOf).join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

function lineOf({ name, reason, example }: Mistake): string {
  return `${name}: ${reason}${example === undefined ? '' : ` (example: ${name}=${example})`}`
}
