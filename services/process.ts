import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Static, TObject } from 'typebox'
import {
  ConfigError,
  configReport,
  dataDirOf,
  fillSecrets,
  loadConfig,
  readEnvironment,
  type Mistake,
} from '@switchhook/shared/config'
import { loggerOptions } from './log.ts'
import { createServer } from './server.ts'
import { stopOnSignal } from './stop.ts'
import { baseMistakes, unsupportedMistakes, type Base } from './base.ts'

const root = resolve(import.meta.dirname, '..')

/** A process of the suite: its configuration, and what it puts on the server. */
export interface ProcessDefinition<Config extends TObject> {
  readonly Config: Config
  /** `PORT` when it is not set. */
  readonly defaultPort: number
  /** Mistakes that span several values. */
  check(config: Static<Config>): Mistake[]
  register(app: FastifyInstance, config: Static<Config>, publicUrl: string): Promise<void>
  /** The line that says what is ready and what to do next. */
  welcome(url: string): { fields: object; text: string }
}

/**
 * Runs a process: configuration, server with its limits, listen, and a graceful stop. Exits 78 when the
 * configuration is wrong, naming every mistake, and 1 when something it needs is not there.
 */
export async function runProcess<Config extends TObject>(
  definition: ProcessDefinition<Config>,
): Promise<void> {
  try {
    const load = (): Static<Config> => configure(definition)
    const report = configReport(process.argv[2], { schema: definition.Config, load })
    if (!report) return await serve(definition, load())
    process.stdout.write(report.text)
    process.exitCode = report.exitCode
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`)
    process.exit(error instanceof ConfigError ? 78 : 1)
  }
}

function configure<Config extends TObject>(definition: ProcessDefinition<Config>): Static<Config> {
  const environment = readEnvironment(root, process.env)
  const dataDir = dataDirOf(root, environment)
  const port = environment['PORT'] || String(definition.defaultPort)
  const given = { ...environment, PORT: port, DATA_DIR: dataDir }
  const filled = fillSecrets(definition.Config, given, dataDir)
  const check = (config: Static<Config>): Mistake[] => [
    ...baseMistakes(config as Base),
    ...unsupportedMistakes(environment),
    ...definition.check(config),
  ]
  return loadConfig(definition.Config, { environment: filled, check })
}

async function serve<Config extends TObject>(
  definition: ProcessDefinition<Config>,
  config: Static<Config>,
): Promise<void> {
  const { http, log } = config as Base
  const app = createServer({ log: loggerOptions(log), trustProxy: http.trustProxy })
  const publicUrl = http.publicUrl ?? `http://${http.host}:${http.port}`
  await definition.register(app, config, publicUrl)
  stopOnSignal(app)
  const url = await app.listen({ host: http.host, port: http.port })
  const { fields, text } = definition.welcome(url)
  app.log.info(fields, text)
}

function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? `${message}: set PORT to a free one` : message
}
