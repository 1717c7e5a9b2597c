/** What a command's exit code promises. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, configuration: 78 } as const

/** The command was called wrongly. */
export class UsageError extends Error {
  /** The command, once it is known which one was meant. */
  command: string | undefined
}

/** The command ran, and what it checked or tried did not hold. */
export class Failure extends Error {
  /** What to do about it. */
  readonly fix: string | undefined

  constructor(message: string, fix?: string) {
    super(message)
    this.fix = fix
  }
}
