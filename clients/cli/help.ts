import { commonFlags } from './arguments.ts'
import type { Command, Flag } from './command.ts'

/** How the CLI is called from the root of the workspace. */
export const program = 'npx -y pnpm@12 switchhook'

/** Every command with its summary. */
export function overview(commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  return [
    `Usage: ${program} <command> [flags]`,
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    `${program} <command> --help explains a command. Exit codes: 0 ok, 1 a check failed,`,
    '2 wrong usage, 78 wrong configuration. NO_COLOR=1 switches colours off.',
  ].join('\n')
}

/** One command: how it is called and what its flags mean. */
export function explain(name: string, { summary, words, flags }: Command): string {
  const entries = Object.entries({ ...flags, ...commonFlags }).map(
    ([flag, definition]) => [spelled(flag, definition), meaning(definition)] as const,
  )
  const width = Math.max(...entries.map(([spelling]) => spelling.length))
  return [
    `Usage: ${program} ${[name, words, '[flags]'].filter(Boolean).join(' ')}`,
    '',
    summary,
    '',
    ...entries.map(([spelling, text]) => `  ${spelling.padEnd(width)}  ${text}`),
  ].join('\n')
}

function spelled(name: string, flag: Flag): string {
  return flag.type === 'boolean' ? `--${name}` : `--${name} ${flag.value}`
}

function meaning(flag: Flag): string {
  const standard = flag.type === 'string' ? flag.default : undefined
  return standard === undefined ? flag.description : `${flag.description} Default: ${standard}.`
}
