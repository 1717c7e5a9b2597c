import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ConfigError, type Environment, type Mistake } from '@switchhook/shared/config'
import { choiceFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { exitCodes, Failure } from '../exit-codes.ts'
import { program } from '../help.ts'
import { startService } from '../service-process.ts'
import { root, serviceNames } from '../workspace.ts'

/** A redacted value. */
type Shown = null | string | number | boolean | readonly string[]

/** What a service's process answers to `--check-config`. */
type Checked =
  | { readonly ok: true; readonly config: Readonly<Record<string, Shown>> }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] }

/** Shows what is in effect, or everything that is wrong with it. */
export const configCheck = command({
  summary: 'Shows the configuration in effect, secrets hidden, or all mistakes in it.',
  flags: {
    service: {
      type: 'string',
      value: '<name>',
      description: 'Which process to ask.',
      default: 'all-in-one',
    },
  },
  async run({ flags, environment, out }) {
    const service = choiceFlag('service', flags.service, serviceNames())
    const checked = await ask<Checked>({ service, question: '--check-config', environment })
    if (!checked.ok) throw new ConfigError(checked.mistakes)
    const lines = Object.entries(checked.config).map(([name, value]) => `${name}=${shown(value)}`)
    out.result(lines.join('\n'), checked)
    return exitCodes.ok
  },
})

/** Writes the generated pages about the configuration, or compares them. */
export const configDocs = command({
  summary: 'Writes docs/configuration.md and .env.example from the schemas.',
  flags: {
    check: { type: 'boolean', description: 'Write nothing; exit 1 when a page has drifted.' },
  },
  async run({ flags: { check }, environment, out }) {
    const question = { service: 'all-in-one', question: '--config-docs', environment }
    const pages = Object.entries(await ask<Record<string, string>>(question))
    const drifted = pages.filter(([path, page]) => current(path) !== page)
    const paths = drifted.map(([path]) => path)
    if (check && paths.length > 0) {
      throw new Failure(`out of date: ${paths.join(', ')}`, `Run ${program} config docs.`)
    }
    for (const [path, page] of drifted) writeFileSync(join(root, path), page)
    const done = paths.length > 0 ? `written: ${paths.join(', ')}` : 'up to date'
    out.result(done, { ok: true, written: paths })
    return exitCodes.ok
  },
})

/** A client knows no schemas: it asks the process that owns them. */
async function ask<Answer>({
  service,
  question,
  environment,
}: {
  service: string
  question: string
  environment: Environment
}): Promise<Answer> {
  const { child, exited } = startService(service, {
    args: [question],
    environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [answer, complaint] = await Promise.all([text(child.stdout!), text(child.stderr!), exited])
  try {
    return JSON.parse(answer) as Answer
  } catch {
    throw new Failure(
      `services/${service}/main.ts ${question} gave no answer:\n${complaint.trim()}`,
    )
  }
}

function current(path: string): string | null {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function shown(value: Shown): string {
  if (value === null) return ''
  return typeof value === 'object' ? value.join(' ') : String(value)
}
