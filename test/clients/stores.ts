import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDir } from '../kit/build.ts'
import { filledStore } from '../kit/filled-store.ts'
import { runCli, type Settings } from './run-cli.ts'
import type { Test } from 'tap'

/** Runs a command that must succeed. @returns the JSON it printed */
export async function told(
  t: Test,
  args: string[],
  settings: Settings,
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCli(t, [...args, '--json'], settings)
  t.equal(code, 0, stderr)
  t.equal(stderr, '')
  return JSON.parse(stdout) as Record<string, unknown>
}

/** Runs a command that must fail, and in plain words. @returns what it complained */
export async function refused(t: Test, args: string[], settings: Settings): Promise<string> {
  const { code, stdout, stderr } = await runCli(t, args, settings)
  t.equal(code, 1, stdout)
  t.notMatch(stderr, /^ +at /m, 'no stack')
  return stderr
}

/** The lines of an export. */
export const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n')

/** Those without the first and the last one, which differ between two exports of the same. */
export const rowsOf = (file: string): string[] => linesOf(file).slice(1, -1)

/** The file of an export, of a store with three deliveries if none is named. */
export async function exported(t: Test, settings?: Settings): Promise<string> {
  const file = join(temporaryDir(t), 'move.jsonl')
  await told(t, ['export', file], settings ?? { DATA_DIR: await filledStore(t) })
  return file
}
