import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { Type, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Config } from '@switchhook/services/all-in-one'
import { configDocuments } from '@switchhook/shared/config'
import { errorCodes } from '@switchhook/shared/errors'
import { providers } from '@switchhook/shared/providers'
import { commonFlags } from '../clients/cli/arguments.ts'
import { commands as loads, loaded } from '../clients/cli/commands/index.ts'
import { driftedPages } from '../docs/generate.ts'
import { temporaryDir } from './kit/build.ts'
import { freePort, ready, root, spawnService } from './kit/process.ts'
import { telnyxKeys } from './kit/sender.ts'

const exec = promisify(execFile)
const deadlineMs = 60_000

/** Every page by its path, in this order. */
const pages = ['README.md', 'CHANGELOG.md', '.github', 'docs'].flatMap((path) => markdownIn(path))

interface Page {
  readonly path: string
  readonly text: string
  /** The fenced blocks by language. */
  blocks(language: string): string[]
}

function markdownIn(path: string): Page[] {
  const full = join(root, path)
  if (statSync(full).isDirectory()) {
    return readdirSync(full).flatMap((name) => markdownIn(join(path, name)))
  }
  if (!path.endsWith('.md')) return []
  const text = readFileSync(full, 'utf8')
  const fenced = [...text.matchAll(/^ *```(\w+)\n([^]*?)^ *```$/gm)]
  return [
    {
      path,
      text,
      blocks: (language) => fenced.filter((one) => one[1] === language).map((one) => one[2]!),
    },
  ]
}

function pageAt(path: string): Page {
  return pages.find((page) => page.path === path)!
}

t.test('every command of the pages exists, with its flags', async (t) => {
  const commands = await loaded(Object.keys(loads))
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  let count = 0
  for (const { path, text } of pages) {
    for (const [line, script = '', rest = ''] of text.matchAll(
      /npx -y pnpm@12 ([a-z:]+)((?: +[^\s`|>)']+)*)/g,
    )) {
      count += 1
      t.ok(script === 'install' || script in scripts, `${path}: ${line}`)
      const words = rest.split(' ').filter((word) => word !== '')
      if (script === 'switchhook') words.unshift(...commandIn(words.splice(0, 2)))
      if (!['switchhook', 'demo'].includes(script)) continue
      const name = script === 'demo' ? 'demo' : words.shift()!
      const known = { ...commands[name]?.flags, ...commonFlags }
      t.ok(name in commands, `${path}: ${line}`)
      for (const [, flag = ''] of words.join(' ').matchAll(/--([a-z-]+)/g)) {
        t.ok(flag in known, `${path}: ${line}`)
      }
    }
    t.notMatch(text, /(?<!-y )pnpm@12|npx -y pnpm(?!@12)|^ *pnpm /m, `${path}: one spelling`)
  }
  t.ok(count > 20)
  t.match(pageAt('README.md').text, 'npx -y pnpm@12 test')
})

/** `token --email` → `token`, `--email`; `events tail` → `events tail`. */
function commandIn(words: string[]): string[] {
  const two = words.join(' ')
  return two in loads ? [two] : words
}

t.test('curl answers what the pages show', async (t) => {
  const service = spawnService('all-in-one', {
    PORT: String(await freePort()),
    DATA_DIR: temporaryDir(t),
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
    STANDARD_WEBHOOKS_SECRET: /whsec_\S+/.exec(
      pageAt('docs/services/webhook-ingest.md').blocks('console').join(),
    )![0],
  })
  t.teardown(() => service.child.kill('SIGKILL'))
  await ready(service)
  let count = 0
  // The pages of the API have a test of their own, with keys and tokens in their variables; so has that of upstreams.
  const others = pages
    .filter(
      ({ path }) => !/^docs\/(api\/|quick-start|sip\/(registrations|trace|upstreams))/.test(path),
    )
    .flatMap((page) => [...page.blocks('console'), ...page.blocks('sh')])
    .filter((block) => !block.includes('$KEY'))
  for (const block of others) {
    const lines = block.split('\n')
    const settings = lines.filter((line) => /^\$ \w+=/.test(line)).map((line) => line.slice(2))
    for (const [index, line] of lines.entries()) {
      if (!/^(\$ )?curl /.test(line)) continue
      count += 1
      const command = line.replace('$ ', '').replaceAll('http://127.0.0.1:3000', service.url)
      const script = [...settings, command].join('\n')
      const { stdout } = await exec('sh', ['-c', script], { timeout: deadlineMs })
      if (line.startsWith('$')) t.equal(timeless(stdout), timeless(lines[index + 1]!), line)
      else t.not(stdout, '', line)
    }
  }
  t.ok(count > 5)
})

/** An answer without what is another one each time. */
function timeless(answer: string): string {
  return answer
    .replace(/"requestId":"[^"]+"/, '"requestId":""')
    .replace(/"uptime":\d+/, '"uptime":0')
}

t.test('generated pages are up to date', async (t) => {
  t.strictSame([...(await driftedPages()).keys()], [], 'else run node docs/generate.ts')
  for (const [path, text] of Object.entries(configDocuments(Config))) {
    t.equal(
      readFileSync(join(root, path), 'utf8'),
      text,
      `else run switchhook config docs: ${path}`,
    )
  }
})

t.test('every link leads somewhere', (t) => {
  for (const { path, text } of pages) {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#')
      const found = file === '' ? join(root, path) : resolve(root, dirname(path), file)
      t.ok(existsSync(found), `${path}: ${target}`)
      if (anchor === undefined) continue
      const headings = pageAt(relative(root, found)).text.matchAll(/^#+ (.*)$/gm)
      const anchors = [...headings].map((heading) => anchorOf(heading[1]!))
      t.ok(anchors.includes(anchor), `${path}: ${target}`)
    }
  }
  t.end()
})

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')

t.test('every plugin and service has its page, which names the errors it raises', (t) => {
  for (const room of ['plugins', 'services']) {
    const folders = readdirSync(join(root, room)).filter((name) =>
      existsSync(join(root, room, name, 'index.ts')),
    )
    const documented = readdirSync(join(root, 'docs', room))
    t.strictSame(documented.sort(), folders.map((name) => `${name}.md`).sort())
    for (const folder of folders) {
      const page = pageAt(join('docs', room, `${folder}.md`))
      t.ok(page.text.startsWith(`# ${folder}\n`), page.path)
      for (const code of raisedIn(join(root, room, folder))) {
        t.match(page.text, `\`${code}\``, `${page.path} names ${code}`)
      }
      const [, errors = ''] = page.text.split('\n## Errors\n')
      for (const [, code = ''] of errors.matchAll(/`([a-z]+_[a-z_]+)`/g)) {
        t.ok(code in errorCodes || code.startsWith('switchhook_'), `${page.path}: ${code}`)
      }
    }
  }
  t.end()
})

t.test('every provider has its page, which names its credential, methods and settings', (t) => {
  const overview = pageAt('docs/providers/README.md').text
  for (const { name, credentialName, methods, Settings, simulator } of providers) {
    const page = pageAt(`docs/providers/${name}.md`)
    t.ok(page, `${name} has a page`)
    if (!page) continue
    const row = new RegExp(
      `^\\| \\[${name}\\].* \`${credentialName}\` .*\\| ${methods.join(', ')} `,
      'm',
    )
    t.match(overview, row, `the overview has ${name}`)
    t.match(page.text, new RegExp(`^\\| methods +\\| ${methods.join(', ')} +\\|$`, 'm'), page.path)
    t.match(page.text, `https://calls.example.com/webhooks/${name}\``, page.path)
    const variables = [credentialName, simulator.signingKeyName, ...variablesOf(Settings)]
    for (const variable of variables) t.match(page.text, variable, `${page.path}: ${variable}`)
    for (const command of ['doctor webhooks', 'simulate']) {
      t.match(page.text, `npx -y pnpm@12 switchhook ${command}`, page.path)
    }
  }
  t.end()
})

/** The variables of a provider's settings, however deep. */
function variablesOf(schema: object): string[] {
  return Object.values(schema as Record<string, unknown>).flatMap((value) => {
    if (typeof value !== 'object' || value === null) return []
    const { env } = value as { env?: unknown }
    return [...(typeof env === 'string' ? [env] : []), ...variablesOf(value)]
  })
}

t.test('what the pages put as credentials of an app is what the route takes', (t) => {
  let count = 0
  for (const block of pages.flatMap((page) => page.blocks('http'))) {
    const [, name] = /^PUT \/internal\/apps\/<app id>\/providers\/([\w-]+)\n/.exec(block) ?? []
    if (name === undefined) continue
    count += 1
    const { Settings, checkCredential } = providers.find((provider) => provider.name === name)!
    const [, body = ''] = block.split('\n\n')
    const { credentials, ...settings } = JSON.parse(body) as { credentials: string[] }
    for (const credential of credentials) t.equal(checkCredential(credential), null, name)
    t.ok(Value.Check(Type.Partial(Settings), settings), body)
  }
  t.ok(count > 0)
  t.end()
})

function raisedIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/new CodedError\('(\w+)'/g),
    ])
    .map((match) => match[1]!)
}

t.test('what /docs fills in as a body is one that the route takes', (t) => {
  const { paths } = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>
  }
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  for (const { operationId, requestBody } of operations) {
    const { schema, example } = requestBody?.content['application/json'] ?? {}
    if (example !== undefined) t.ok(Value.Check(schema!, example), operationId)
  }
  for (const name of ['publishEvent', 'createApp', 'rotateApiKey', 'purgeDeliveries']) {
    const { requestBody } = operations.find(({ operationId }) => operationId === name)!
    t.ok(requestBody?.content['application/json']?.example, `${name}: else it is made up`)
  }
  t.end()
})

interface Operation {
  readonly operationId: string
  readonly requestBody?: { readonly content: Record<string, Body> }
}

interface Body {
  readonly schema?: TSchema
  readonly example?: unknown
}
