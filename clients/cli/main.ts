import { ConfigError, readEnvironment } from '@switchhook/shared/config'
import { parse } from './arguments.ts'
import { commandName } from './command-name.ts'
import { commands, loaded } from './commands/index.ts'
import { exitCodes, Failure, UsageError } from './exit-codes.ts'
import { explain, overview, program } from './help.ts'
import { processOutput } from './output.ts'
import { root } from './workspace.ts'

// `… | head` closes our stdout; that is no error. What runs until it is interrupted is interrupted by it.
process.stdout.on('error', () => void (process.emit('SIGTERM') || process.exit(exitCodes.ok)))

const args = process.argv.slice(2)
const out = processOutput(args.includes('--json'))
process.exitCode = await dispatch(args).catch(report)

async function dispatch(words: readonly string[]): Promise<number> {
  const [first, second] = words
  const all = Object.keys(commands)
  if (first === undefined) {
    out.complain(overview(await loaded(all)))
    return exitCodes.usage
  }
  const shown = asksForHelp(first) ? all : asksForHelp(second) ? groupOf(first) : []
  if (shown.length > 0) {
    out.result(overview(await loaded(shown)), shown)
    return exitCodes.ok
  }
  const name = commandName(words, all)
  try {
    return await call(name, words.slice(name.split(' ').length))
  } catch (error) {
    if (error instanceof UsageError) error.command = name
    throw error
  }
}

function asksForHelp(word = ''): boolean {
  return ['help', '--help', '-h'].includes(word)
}

/** `keys` → those that begin with it, and itself; none for what is a command by itself alone. */
function groupOf(word: string): string[] {
  const group = Object.keys(commands).filter((name) => name.startsWith(`${word} `))
  return word in commands && group.length > 0 ? [word, ...group] : group
}

async function call(name: string, rest: readonly string[]): Promise<number> {
  const command = await commands[name]!()
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

/** Says what went wrong and picks the exit code. */
function report(error: unknown): number {
  if (!(error instanceof Error)) throw error
  const fix = error instanceof Failure ? error.fix : undefined
  const mistakes = error instanceof ConfigError ? error.mistakes : undefined
  if (out.json) out.result('', { ok: false, message: error.message, fix, mistakes })
  else out.complain([messageOf(error), fix].filter(Boolean).join('\n'))
  if (error instanceof UsageError) return exitCodes.usage
  return error instanceof ConfigError ? exitCodes.configuration : exitCodes.failed
}

function messageOf(error: Error): string {
  if (error instanceof UsageError) {
    const { command } = error
    const help = command ? `${command} --help explains it` : '--help lists the commands'
    return `${error.message}\n${program} ${help}.`
  }
  const foreseen = error instanceof Failure || error instanceof ConfigError
  return foreseen ? error.message : (error.stack ?? error.message)
}
