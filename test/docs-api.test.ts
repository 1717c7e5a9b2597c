import { execFile } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { jwtSecret, temporaryDir } from './kit/build.ts'
import { cleanEnvironment, freePort, ready, root, spawnService } from './kit/process.ts'
import { telnyxKeys } from './kit/sender.ts'
import { differences, examplesIn } from './kit/shown.ts'
import { signToken } from './kit/token.ts'

const exec = promisify(execFile)
const deadlineMs = 60_000

/** Those that begin with nothing; the others begin where the quick start ends: with a key and a token. */
const beginnings = ['README.md', 'docs/quick-start.md']
const pages = [
  ...beginnings,
  ...readdirSync(join(root, 'docs/api')).map((name) => join('docs/api', name)),
  'docs/sip/registrations.md',
  'docs/sip/trace.md',
]

for (const page of pages.filter((path) => path.endsWith('.md'))) {
  t.test(`${page} shows what a suite that was just started answers`, async (t) => {
    const examples = examplesIn(readFileSync(join(root, page), 'utf8')).filter(
      ({ command }) => !command.includes('pnpm@12 demo'),
    )
    const run = await shell(t, page)
    for (const { command, answer } of examples) {
      const said = await run(command)
      const found = answer === '' ? [] : differences(answer, said)
      t.strictSame(found, [], command)
    }
    t.ok(examples.length > 0)
  })
}

/** Runs commands one after the other as one shell would: what one of them sets the next ones have. */
async function shell(t: Test, page: string): Promise<(command: string) => Promise<string>> {
  const environment: Record<string, string> = await started(t)
  if (!beginnings.includes(page)) Object.assign(environment, await credentials(environment))
  return async (command) => {
    const script = command.replaceAll('http://127.0.0.1:3000', environment['URL']!)
    const [, name] = /^([A-Z_]+)=/.exec(command) ?? []
    const end = name === undefined ? '' : `\nprintf %s "$${name}"`
    const { stdout } = await exec('sh', ['-ec', script + end], {
      cwd: root,
      env: environment,
      timeout: deadlineMs,
    })
    if (name === undefined) return stdout
    environment[name] = stdout
    return ''
  }
}

/** A suite with an empty store, and what somebody on its machine has. */
async function started(t: Test): Promise<Record<string, string>> {
  const dir = temporaryDir(t)
  const settings = {
    PORT: String(await freePort()),
    DATA_DIR: join(dir, 'data'),
    JWT_SECRET: jwtSecret,
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
  }
  const service = spawnService('all-in-one', settings)
  t.teardown(() => service.child.kill('SIGKILL'))
  await ready(service)
  // The workspace is installed here already.
  const npx = join(dir, 'npx')
  const cli = join(root, 'clients/cli/main.ts')
  writeFileSync(npx, `#!/bin/sh\nshift 3\nexec '${process.execPath}' '${cli}' "$@"\n`)
  chmodSync(npx, 0o755)
  const { PATH, ...rest } = cleanEnvironment(settings)
  return {
    ...rest,
    PATH: `${dir}:${PATH}`,
    URL: service.url,
    TELNYX_PRIVATE_KEY: telnyxKeys.privateKey,
  }
}

async function credentials({ URL: url, DATA_DIR }: Record<string, string>) {
  const secret = readFileSync(join(DATA_DIR!, 'secrets/INTERNAL_API_SECRET'), 'utf8').trim()
  const ask = async <Answer>(path: string, method = 'GET'): Promise<Answer> => {
    const headers = { authorization: `Bearer ${secret}` }
    const response = await fetch(`${url}/internal${path}`, { method, headers })
    return (await response.json()) as Answer
  }
  const { items } = await ask<{ items: { id: string }[] }>('/apps')
  const [{ id }] = items as [{ id: string }]
  const { key } = await ask<{ key: string }>(`/apps/${id}/api-key`, 'POST')
  return {
    INTERNAL_API_SECRET: secret,
    APP: id,
    KEY: key,
    TOKEN: await signToken(jwtSecret, { role: 'supervisor' }),
  }
}
