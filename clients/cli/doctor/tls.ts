import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { examineTls, type Check, type TlsExamination } from '@switchhook/shared/doctor'
import { command } from '../command.ts'
import { Failure } from '../exit-codes.ts'
import { progress, report } from './report.ts'
import { onlyUrl } from './target.ts'
import type { Flags, Values } from '../command.ts'

/** Flags of whatever looks at the certificate of a PBX. */
export const tlsFlags = {
  servername: {
    type: 'string',
    value: '<name>',
    description: 'The name to ask for and to expect; that of the URL if not given.',
  },
  out: {
    type: 'string',
    value: '<file>',
    description: 'Where to write the certificates of a setting; they are printed if not given.',
  },
  'allow-private': {
    type: 'boolean',
    description: 'Fetch missing certificates from private addresses too.',
  },
} as const satisfies Flags

/** Says what is wrong with the certificate of a PBX, and which setting of ours makes up for it. */
export const doctorTls = command({
  summary: 'Says what is wrong with the TLS of a PBX, and prints the setting that helps.',
  words: '<wss://host[:port]>',
  flags: tlsFlags,
  async run({ flags, words, out }) {
    const url = onlyUrl(words, ['wss:', 'https:'])
    progress(out, `Looking at ${url.host} …`)
    // What there is to look at has no path, and what is to be written down needs one.
    if (url.pathname === '/') url.pathname = '/ws'
    return report(written(examineTls(examinationOf(url, flags)), flags.out), out)
  },
})

/** What is asked for, as flags say it. */
export function examinationOf(url: URL, flags: Values<typeof tlsFlags>): TlsExamination {
  const { servername, out } = flags
  return {
    url,
    ...(servername !== undefined && { servername }),
    allowPrivate: flags['allow-private'],
    caFile: out === undefined ? `${url.hostname.replace(/[^\w.-]/g, '')}.pem` : resolve(out),
    now: Date.now,
  }
}

/** The same checks, with the certificates in a file where one is wanted. @throws Failure if it cannot be written */
export async function* written(
  checks: AsyncIterable<Check>,
  file: string | undefined,
): AsyncGenerator<Check> {
  for await (const check of checks) {
    const { pem, ...details } = check.details ?? {}
    if (file === undefined || typeof pem !== 'string') yield check
    else {
      write(file, pem)
      yield { ...check, details: { ...details, file: resolve(file) } }
    }
  }
}

function write(file: string, pem: string): void {
  try {
    writeFileSync(file, pem)
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}
