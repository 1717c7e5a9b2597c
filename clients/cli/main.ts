import { ConfigError, nearest, readEnvironment } from '@switchhook/shared/config'
import { parse } from './arguments.ts'
import { configCheck, configDocs } from './commands/config.ts'
import { demo } from './commands/demo.ts'
import { eventsTail } from './commands/events.ts'
import { serve } from './commands/serve.ts'
import { simulate } from './commands/simulate.ts'
import { token } from './commands/token.ts'
import { exitCodes, Failure, UsageError } from './exit-codes.ts'
import { explain, overview, program } from './help.ts'
import { processOutput, type Output } from './output.ts'
import { root } from './workspace.ts'
import type { Command } from './command.ts'

const commands: Readonly<Record<string, Command>> = {
  demo,
  serve,
  token,
  simulate,
  'events tail': eventsTail,
  'config check': configCheck,
  'config docs': configDocs,
}

// `… | head` closes our stdout; that is no error.
process.stdout.on('error', () => process.exit(exitCodes.ok))

const args = process.argv.slice(2)
const out = processOutput(args.includes('--json'))
process.exitCode = await dispatch(args).catch((error: unknown) => report(out, error))

async function dispatch(words: readonly string[]): Promise<number> {
  const [first] = words
  if (first === undefined) {
    out.complain(overview(commands))
    return exitCodes.usage
  }
  if (['help', '--help', '-h'].includes(first)) {
    out.result(overview(commands), Object.keys(commands))
    return exitCodes.ok
  }
  const name = nameOf(words)
  try {
    return await call(name, words.slice(name.split(' ').length))
  } catch (error) {
    if (error instanceof UsageError) error.command = name
    throw error
  }
}

/** The command's name is one word or two. @throws UsageError with a suggestion */
function nameOf(words: readonly string[]): string {
  const two = words.slice(0, 2).join(' ')
  const name = [two, words[0]!].find((each) => Object.hasOwn(commands, each))
  if (name !== undefined) return name
  throw new UsageError(`there is no command '${two}'; did you mean ${suggestion(two)}?`)
}

function suggestion(typed: string): string {
  const [first = ''] = typed.split(' ')
  const names = Object.keys(commands)
  const group = names.filter((name) => name.startsWith(`${first} `))
  const near = nearest(typed, names, 2) ?? nearest(first, names, 2)
  return near ?? (group.length > 0 ? group.join(' or ') : (nearest(typed, names) ?? 'help'))
}

async function call(name: string, rest: readonly string[]): Promise<number> {
  const command = commands[name]!
  const { flags, words } = parse(rest, command.flags)
  if (flags.help) {
    out.result(explain(name, command), { name, summary: command.summary, flags: command.flags })
    return exitCodes.ok
  }
  if (words.length > 0 && command.words === undefined) {
    throw new UsageError(`'${name}' takes no '${words[0]}'`)
  }
  return command.run({ flags, words, environment: readEnvironment(root, process.env), out })
}

/** Says what went wrong and picks the exit code. Anything unforeseen is our bug and shows its stack. */
function report({ json, complain }: Output, error: unknown): number {
  if (!(error instanceof Error)) throw error
  const fix = error instanceof Failure ? error.fix : undefined
  const mistakes = error instanceof ConfigError ? error.mistakes : undefined
  if (json) console.log(JSON.stringify({ ok: false, message: error.message, fix, mistakes }))
  else complain(textOf(error, fix))
  if (error instanceof UsageError) return exitCodes.usage
  return error instanceof ConfigError ? exitCodes.configuration : exitCodes.failed
}

function textOf(error: Error, fix: string | undefined): string {
  if (error instanceof UsageError) {
    const help =
      error.command === undefined
        ? '--help lists the commands'
        : `${error.command} --help explains it`
    return `${error.message}\n${program} ${help}.`
  }
  if (error instanceof Failure)
    return fix === undefined ? error.message : `${error.message}\n${fix}`
  return error instanceof ConfigError ? error.message : (error.stack ?? error.message)
}
