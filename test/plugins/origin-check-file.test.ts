import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { EventEmitter, once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { originMistakes } from '@switchhook/plugins/origin-check'
import { readList } from '../../plugins/origin-check/read.ts'
import { build, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { freePort, ready, spawnService } from '../kit/process.ts'
import { until } from '../kit/until.ts'
import type { Test } from 'tap'

/** A suite with a file of origins; `said` resolves with the next log line of that text. */
async function suiteWith(t: Test, path: string) {
  const lines = new EventEmitter()
  const suite = await build(t, {
    environment: { ORIGINS_FILE: path },
    log(line) {
      const fields = JSON.parse(line) as { msg: string }
      lines.emit(fields.msg, fields)
    },
  })
  const said = async (text: string): Promise<Record<string, unknown>> =>
    (await once(lines, text, { signal: AbortSignal.timeout(60_000) }))[0]
  const passes = (origin: string): boolean => suite.app.origins.judge(origin).passes
  const usable = async (): Promise<boolean> => {
    const text = await (await fetch(new URL('/metrics', suite.url))).text()
    return text.includes('switchhook_origin_file_usable 1')
  }
  return { ...suite, said, passes, usable }
}

function fileWith(t: Test, ...lines: string[]): string {
  const path = join(temporaryDir(t), 'origins')
  writeFileSync(path, lines.join('\n'))
  return path
}

t.test('a line each, with comments, and mistakes are named with their line', (t) => {
  const path = fileWith(
    t,
    '\uFEFF# of the CRM',
    'https://crm.example.com # since 2024\r',
    '',
    '  https://old.example; until=2026-12-20; successor=https://new.example  ',
    'https://new.example',
  )
  const options = { allow: [], file: path, insecureAnyOrigin: false }
  t.strictSame(originMistakes(options), [])
  writeFileSync(
    path,
    'https://crm.example.com\nhttps://a.example/\n# fine\nhttps://b.example https://c.example\n*\nhttps://d.example;until=soon\n',
  )
  const mistakes = originMistakes({ ...options, allow: ['nonsense', 'https://crm.example.com'] })
  t.match(mistakes, [
    { name: 'ALLOWED_ORIGINS', reason: /'nonsense' is not an origin/ },
    {
      name: 'ORIGINS_FILE',
      reason: /^line 2: .*'https:\/\/a\.example\/' \(example: https:\/\/a\.example\)$/,
    },
    { name: 'ORIGINS_FILE', reason: /^line 4: .* is not an origin \(example: https:/ },
    { name: 'ORIGINS_FILE', reason: /^line 5: .*INSECURE_ANY_ORIGIN=true/ },
    { name: 'ORIGINS_FILE', reason: /^line 6: .* until that is no day: 'soon'/ },
  ])
  t.equal(mistakes.length, 5)
  t.end()
})

t.test('of the wrong file a hundred mistakes are told, each in a few words', (t) => {
  const path = fileWith(t, ...Array.from({ length: 1_000 }, () => 'x'.repeat(500)))
  const mistakes = originMistakes({ allow: [], file: path, insecureAnyOrigin: false })
  t.equal(mistakes.length, 101)
  t.ok(mistakes.every(({ reason }) => reason.length < 300))
  t.match(mistakes.at(-1), { name: 'ORIGINS_FILE', reason: '900 more mistakes' })
  t.end()
})

t.test('the file has the last word on an origin of the environment, but says one thing', (t) => {
  const entry = 'https://old.example;until=2026-12-20'
  const path = fileWith(t, entry)
  const options = { allow: ['https://old.example'], file: path, insecureAnyOrigin: false }
  const frontendUrl = 'https://old.example/app'
  t.strictSame(readList({ ...options, frontendUrl }), {
    allowed: [
      {
        origin: 'https://old.example',
        until: '2026-12-20',
        successor: null,
        source: 'ORIGINS_FILE',
      },
    ],
    mistakes: [],
  })
  writeFileSync(path, `${entry}\nhttps://old.example`)
  t.match(originMistakes(options), [
    { reason: /^line 2: https:\/\/old\.example stands in ORIGINS_FILE too/ },
  ])
  t.end()
})

t.test('a file that is none, or far too large, is a mistake and not a hang', (t) => {
  const dir = temporaryDir(t)
  execFileSync('mkfifo', [join(dir, 'pipe')])
  writeFileSync(join(dir, 'large'), '#'.repeat(1_048_577))
  for (const name of ['absent', '.', 'pipe', 'large']) {
    const file = join(dir, name)
    t.match(originMistakes({ allow: [], file, insecureAnyOrigin: false }), [
      { name: 'ORIGINS_FILE', reason: /cannot be read/ },
    ])
  }
  t.end()
})

t.test('the file is read again when it is written, and no socket is dropped', async (t) => {
  const path = fileWith(t, 'https://old.example')
  const { url, token, said, passes } = await suiteWith(t, path)
  const headers = { origin: 'https://old.example' }
  const client = await connect(url, { token, headers })
  await client.nextNamed('connected')
  const reloaded = said('origins reloaded')
  writeFileSync(path, 'https://new.example\n')
  t.match(await reloaded, { added: ['https://new.example'], removed: ['https://old.example'] })
  t.ok(passes('https://new.example'))
  t.notOk(passes('https://old.example'))
  client.say({ type: 'ping', data: {} })
  t.equal((await client.nextNamed('pong')).event, 'pong', 'the old socket is still served')
  await client.close()
})

t.test('the file is read again when an editor renames another one into its place', async (t) => {
  const path = fileWith(t, 'https://old.example')
  const { said, passes } = await suiteWith(t, path)
  const reloaded = said('origins reloaded')
  writeFileSync(`${path}~`, 'https://new.example')
  renameSync(`${path}~`, path)
  await reloaded
  t.ok(passes('https://new.example'))
})

t.test('the file is read again when a mounted directory is swapped by its link', async (t) => {
  // As the kubelet does it: origins → ..data/origins, ..data → a directory of its own.
  const dir = temporaryDir(t)
  const mount = (origin: string): void => {
    const version = mkdtempSync(join(dir, '..version-'))
    writeFileSync(join(version, 'origins'), origin)
    symlinkSync(version, join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
  }
  mount('https://old.example')
  symlinkSync(join('..data', 'origins'), join(dir, 'origins'))
  const { said, passes } = await suiteWith(t, join(dir, 'origins'))
  const reloaded = said('origins reloaded')
  mount('https://new.example')
  await reloaded
  t.ok(passes('https://new.example'))
})

t.test('SIGHUP reads the file at once', async (t) => {
  const path = fileWith(t, 'https://old.example')
  const listeners = process.listenerCount('SIGHUP')
  const { said, passes, app } = await suiteWith(t, path)
  const reloaded = said('origins reloaded')
  process.kill(process.pid, 'SIGHUP')
  t.match(await reloaded, { added: [], removed: [] })
  t.ok(passes('https://old.example'))
  await app.close()
  t.equal(process.listenerCount('SIGHUP'), listeners, 'nothing is left behind')
})

t.test('a file that became bad is kept out, and in again when it is mended', async (t) => {
  const path = fileWith(t, 'https://old.example')
  const { said, passes, usable } = await suiteWith(t, path)
  t.ok(await usable())
  const states: [does: () => void, mistake: RegExp][] = [
    [() => writeFileSync(path, 'https://new.example\nnonsense'), /^line 2: 'nonsense'/],
    [() => rmSync(path), /cannot be read: ENOENT/],
    [() => mkdirSync(path), /it is not a file/],
  ]
  for (const [change, mistake] of states) {
    const keptOut = said('origins file kept out')
    change()
    t.match(await keptOut, { level: 'warn', mistakes: [mistake] })
    t.ok(passes('https://old.example'))
    t.notOk(passes('https://new.example'))
    t.notOk(await usable())
  }
  const reloaded = said('origins reloaded')
  rmSync(path, { recursive: true })
  writeFileSync(path, 'https://new.example')
  await reloaded
  t.ok(passes('https://new.example'))
  t.ok(await usable())
})

t.test('mistakes in settings and file end the start with exit code 78, all named', async (t) => {
  const environment = {
    PORT: String(await freePort()),
    DATA_DIR: temporaryDir(t),
    JWT_SECRET: jwtSecret,
    SECRETS_KEY: secretsKey,
  }
  const bad = spawnService('all-in-one', {
    ...environment,
    ALLOWED_ORIGINS: 'https://a.example/ https://b.example;until=soon',
    FRONTEND_URL: '*',
    ORIGINS_FILE: fileWith(t, 'https://c.example', 'c.example'),
  })
  t.equal(await bad.exited, 78)
  const lines = bad.output().trim().split('\n')
  t.equal(lines.length, 4)
  t.match(lines.join('\n'), 'ALLOWED_ORIGINS=https://a.example)')
  t.match(lines.join('\n'), /^FRONTEND_URL: .*INSECURE_ANY_ORIGIN=true/m)
  t.match(lines.join('\n'), /^ORIGINS_FILE: line 2: 'c\.example' is not an origin \(example: http/m)

  const path = fileWith(t, 'https://crm.example.com;until=2020-01-01')
  const good = spawnService('event-hub', { ...environment, ORIGINS_FILE: path })
  t.teardown(() => good.child.kill('SIGKILL'))
  await ready(good)
  good.child.kill('SIGHUP')
  await until(() => good.output().includes('origins reloaded'))
  good.child.kill('SIGTERM')
  t.equal(await good.exited, 0)
})
