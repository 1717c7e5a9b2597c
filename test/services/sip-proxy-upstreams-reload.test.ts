import { EventEmitter, once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { temporaryDir } from '../kit/build.ts'
import { makeAuthority } from '../kit/certificates/index.ts'
import { metered } from '../kit/metered.ts'
import { openUpstreams, type UpstreamsOptions } from '../../services/sip-proxy/upstreams/index.ts'

/** A server with a list of upstreams; `said` resolves with the next log line of that text. */
async function serverWith(t: Test, options: Partial<UpstreamsOptions>) {
  const lines = new EventEmitter()
  const write = (line: string): void => {
    const fields = JSON.parse(line) as { msg: string }
    lines.emit(fields.msg, fields)
  }
  const app = await metered(t, { logger: { level: 'info', stream: { write } } })
  const said = async (text: string): Promise<Record<string, unknown>> =>
    (await once(lines, text, { signal: AbortSignal.timeout(60_000) }))[0]
  const settings = { allowInsecureUpstream: false, replicated: false }
  const upstreams = await openUpstreams(app, { ...settings, ...options })
  const hostOf = (asked: string) => upstreams.find(asked)?.targets[0]?.host
  const figure = async (name: string): Promise<number> => {
    const text = await app.metrics.getSingleMetricAsString(`switchhook_sip_${name}`)
    return Number(text.split(/\s/).at(-1))
  }
  return { app, upstreams, said, hostOf, figure }
}

const upstream = (name: string, more = ''): string =>
  `upstreams:\n  - { name: ${name}, targets: ["wss://${name}.example/ws"]${more} }\n`

function fileWith(t: Test, text: string): string {
  const path = join(temporaryDir(t), 'upstreams.yaml')
  writeFileSync(path, text)
  return path
}

t.test('without a file nobody is found, and no signal is waited for', async (t) => {
  const listeners = process.listenerCount('SIGHUP')
  const { upstreams, figure } = await serverWith(t, {})
  t.equal(process.listenerCount('SIGHUP'), listeners)
  t.strictSame(upstreams.all, [])
  for (const asked of ['', '388', 'office']) t.equal(upstreams.find(asked), null)
  t.equal(await figure('upstreams_file_usable'), 1)
})

t.test('with a bad file nothing opens, and nothing is left behind', async (t) => {
  const listeners = process.listenerCount('SIGHUP')
  await t.rejects(serverWith(t, { upstreamsFile: fileWith(t, 'upstreams: 1\nx: 2\n') }), {
    name: 'ConfigError',
    exitCode: 78,
    mistakes: [
      { reason: /line 1: upstreams must be a list/ },
      { reason: /line 2: x is not known/ },
    ],
  })
  t.equal(process.listenerCount('SIGHUP'), listeners)
})

t.test(
  'the file is read again when it is written; a bad one is kept out until it is mended',
  async (t) => {
    const path = fileWith(t, upstream('old'))
    const { said, hostOf, figure } = await serverWith(t, { upstreamsFile: path })
    t.equal(hostOf('old'), 'old.example')
    const states: [does: () => void, mistake: RegExp][] = [
      [
        () => writeFileSync(path, upstream('new', ', auth: maybe')),
        /line 2: upstreams\[0\]\.auth must be one of/,
      ],
      [() => rmSync(path), /cannot be read: ENOENT/],
    ]
    for (const [change, mistake] of states) {
      const keptOut = said('upstreams file kept out')
      change()
      t.match(await keptOut, { level: 40, mistakes: [mistake] })
      t.equal(hostOf('old'), 'old.example')
      t.equal(hostOf('new'), undefined)
      t.equal(await figure('upstreams_file_usable'), 0)
    }
    const reloaded = said('upstreams reloaded')
    writeFileSync(path, upstream('new'))
    t.match(await reloaded, { level: 30, upstreams: ['new'] })
    t.equal(hostOf('old'), undefined)
    t.equal(hostOf('new'), 'new.example')
    t.equal(await figure('upstreams_file_usable'), 1)
  },
)

t.test('the file is read again when a mounted directory is swapped by its link', async (t) => {
  // As the kubelet does it: upstreams.yaml → ..data/upstreams.yaml, ..data → a directory of its own.
  const dir = temporaryDir(t)
  const mount = (text: string): void => {
    const version = mkdtempSync(join(dir, '..version-'))
    writeFileSync(join(version, 'upstreams.yaml'), text)
    symlinkSync(version, join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
  }
  mount(upstream('old'))
  symlinkSync(join('..data', 'upstreams.yaml'), join(dir, 'upstreams.yaml'))
  const { said, hostOf } = await serverWith(t, { upstreamsFile: join(dir, 'upstreams.yaml') })
  t.equal(hostOf('old'), 'old.example')
  const reloaded = said('upstreams reloaded')
  mount(upstream('new'))
  await reloaded
  t.equal(hostOf('new'), 'new.example')
})

t.test('SIGHUP reads the certificates again that the file names', async (t) => {
  const [one, other] = await Promise.all([makeAuthority('One'), makeAuthority('Other')])
  const path = fileWith(t, upstream('a', ', tls: { trust: extraCa, ca: [root.pem] }'))
  const root = join(path, '../root.pem')
  writeFileSync(root, one.root)
  const listeners = process.listenerCount('SIGHUP')
  const { app, upstreams, said } = await serverWith(t, { upstreamsFile: path })
  const before = upstreams.find('a')?.upstream.trust
  writeFileSync(root, other.root)
  const reloaded = said('upstreams reloaded')
  process.kill(process.pid, 'SIGHUP')
  await reloaded
  t.notSame(upstreams.find('a')?.upstream.trust, before)
  rmSync(root)
  const keptOut = said('upstreams file kept out')
  process.kill(process.pid, 'SIGHUP')
  t.match(await keptOut, { mistakes: [/root\.pem is not there/] })
  t.ok(upstreams.find('a'))
  await app.close()
  t.equal(process.listenerCount('SIGHUP'), listeners, 'nothing is left behind')
})

t.test('whom nobody checks the certificates of is shouted about', async (t) => {
  const path = fileWith(t, upstream('fine'))
  const options = { upstreamsFile: path, allowInsecureUpstream: true }
  const { said, figure } = await serverWith(t, options)
  t.equal(await figure('insecure_upstreams'), 0)
  const shouted = said('anybody may answer in the place of this upstream')
  writeFileSync(path, upstream('bare', ', tls: { trust: insecure }'))
  t.match(await shouted, { level: 40, upstream: 'bare' })
  t.equal(await figure('insecure_upstreams'), 1)
})
