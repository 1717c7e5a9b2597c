import { configDocuments } from './docs.ts'
import { ConfigError } from './mistake.ts'
import { redacted } from './secret.ts'
import type { TObject } from 'typebox'

/** What a process prints instead of starting. */
export interface ConfigReport {
  readonly text: string
  readonly exitCode: number
}

/**
 * Answers `--check-config` and `--config-docs` of a service's process with one line of JSON, for the CLI.
 * @returns null if the process was asked to start
 */
export function configReport(
  flag: string | undefined,
  { schema, load }: { schema: TObject; load: () => object },
): ConfigReport | null {
  if (flag === '--config-docs') return { text: line(configDocuments(schema)), exitCode: 0 }
  if (flag !== '--check-config') return null
  try {
    return { text: line({ ok: true, config: redacted(schema, load()) }), exitCode: 0 }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { text: line({ ok: false, mistakes: error.mistakes }), exitCode: error.exitCode }
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
