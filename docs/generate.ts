import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { environmentTable } from '../shared/config/index.ts'
import { errorCodes, type ErrorCode } from '../shared/errors/codes.ts'
import { openapiFile } from './openapi-file.ts'
import { asyncapiFile, closeTable, withProtocolTables } from './protocol-tables.ts'
import { alignedTable } from './table.ts'
import { upstreamsSchemaFile, withUpstreamKeys } from './upstreams-file.ts'

/** The schema of a folder's options. */
type Schema = Parameters<typeof environmentTable>[0]

const root = join(import.meta.dirname, '..')

/** What stands under `## Options` of a page, up to the next heading. */
const optionsSection = /(?<=^## Options\n\n)[^]*?(?=\n## )/m

/** The generated pages, and the pages with a generated table, by their path in the workspace. */
export async function generatedPages(): Promise<Map<string, string>> {
  const pages = new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/asyncapi.json', asyncapiFile()],
    ['docs/openapi.json', await openapiFile()],
    ['docs/protocol.md', withProtocolTables(readFileSync(join(root, 'docs/protocol.md'), 'utf8'))],
    ['docs/sip/upstreams.schema.json', upstreamsSchemaFile()],
    [
      'docs/sip/upstreams.md',
      withUpstreamKeys(readFileSync(join(root, 'docs/sip/upstreams.md'), 'utf8')),
    ],
  ])
  for (const room of ['plugins', 'services']) {
    for (const name of readdirSync(join(root, 'docs', room))) {
      const options = await optionsOf(join(room, name))
      if (options)
        pages.set(join('docs', room, name), withOptions(join('docs', room, name), options))
    }
  }
  return pages
}

function withOptions(page: string, options: Schema): string {
  const text = readFileSync(join(root, page), 'utf8')
  if (!optionsSection.test(text)) throw new Error(`${page} has no section Options`)
  return text.replace(optionsSection, () => alignedTable(environmentTable(options)))
}

/** The pages that are not what they would be if they were written now. */
export async function driftedPages(): Promise<Map<string, string>> {
  const pages = [...(await generatedPages())]
  return new Map(pages.filter(([path, text]) => current(path) !== text))
}

function current(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return null
  }
}

/** `plugins/auth.md` documents the options that `plugins/auth/index.ts` exports, if it has any. */
async function optionsOf(page: string): Promise<Schema | undefined> {
  const face = join(root, page.replace(/\.md$/, ''), 'index.ts')
  const { Options } = (await import(pathToFileURL(face).href)) as { Options?: Schema }
  return Options
}

function errorsPage(): string {
  const errors = Object.entries<ErrorCode>(errorCodes).map(
    ([code, { status, message, fix }]) =>
      `| \`${code}\` | ${status} | ${inWords(message)} | ${inWords(fix ?? '–')} |`,
  )
  return `# Errors

Written by \`node docs/generate.ts\` from \`shared/errors/codes.ts\` and \`shared/protocol/close-codes.ts\`; edit those.

An HTTP answer that refuses is \`application/problem+json\` (RFC 9457) with the code in \`code\`, the sentence in
\`detail\`, what helps in \`fix\`, and the id of the log line in \`requestId\`. On a socket the same codes come in
\`error\` frames and, when the credential or the origin is refused, as the reason of a 1008 close. The codes are
stable; the sentences may improve. \`…\` stands for what the case fills in.

## Codes

| code | status | what happened | what helps |
| --- | --- | --- | --- |
${errors.join('\n')}

## Close codes

The right column is what the client in \`clients/browser\` does; a client of your own does well to do the same.
For 1008 that is for \`auth_…\` reasons: after \`origin_not_allowed\` it stays away.

${closeTable()}
`
}

const inWords = (text: string): string => text.replaceAll('%s', '…').replaceAll('|', '\\|')

if (import.meta.main) {
  const drifted = await driftedPages()
  const names = [...drifted.keys()].map((path) => relative('.', path)).join(', ')
  if (process.argv.includes('--check')) {
    if (drifted.size > 0) process.stderr.write(`out of date: ${names}; run node docs/generate.ts\n`)
    process.exitCode = drifted.size > 0 ? 1 : 0
  } else {
    for (const [path, text] of drifted) writeFileSync(join(root, path), text)
    process.stdout.write(drifted.size > 0 ? `written: ${names}\n` : 'up to date\n')
  }
}
