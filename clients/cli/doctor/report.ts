import { exitCodes } from '../exit-codes.ts'
import { paint, type Output } from '../output.ts'
import type { Check, Finding } from '@switchhook/shared/doctor'

/** Prints checks as they are made. @returns the exit code */
export async function report(checks: AsyncIterable<Check>, out: Output): Promise<number> {
  const made: Check[] = []
  for await (const check of checks) {
    made.push(check)
    out.say(lineOf(check.check, check))
    for (const line of moreOf(check)) out.say(line)
  }
  if (out.json) out.result('', made)
  return made.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed
}

/** `✗ telnyx  wrong_key: the signature is refused … Copy the key …`: all on one line. */
export function lineOf(name: string, finding: Finding): string {
  const { ok, code, message, fix } = finding
  const said = ok && ['ok', 'skipped'].includes(code) ? message : `${code}: ${message}`
  const help = fix === null ? '' : ` ${fix}`
  return `${markOf(finding)} ${paint('bold', name)}  ${said}.${help}`
}

function markOf({ ok, code }: Finding): string {
  if (!ok) return paint('red', '✗')
  return code === 'skipped' ? paint('dim', '–') : paint('green', '✓')
}

/** What is to be copied stands on lines of its own: a PEM file is none if its lines are indented. */
function moreOf({ details = {} }: Check): string[] {
  const { setting, pem, commands } = details
  return [
    ...linesOf(setting).map(indented),
    ...linesOf(pem),
    ...(Array.isArray(commands) ? (commands as string[]).map(indented) : []),
  ]
}

const linesOf = (text: unknown): string[] =>
  typeof text === 'string' ? text.trimEnd().split('\n') : []

const indented = (line: string): string => `    ${line}`

/** Says on stderr what is being done, to people. */
export function progress(out: Output, text: string): void {
  if (!out.json) out.complain(text)
}
