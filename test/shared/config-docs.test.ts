import { test } from 'tap'
import {
  configDocuments,
  configReport,
  environmentTable,
  exampleFile,
  loadConfig,
  readEnvironment,
  type Environment,
} from '@switchhook/shared/config'
import { enough, Sample } from './config-sample.ts'

function ask(flag: string | undefined, environment: Environment) {
  return configReport(flag, { schema: Sample, load: () => loadConfig(Sample, { environment }) })
}

test('the documents name every variable with its default and meaning', async (t) => {
  const table = environmentTable(Sample)
  t.match(table, '| `PORT` | `3000` | Port to listen on. Example: `3000`. |')
  t.match(table, '| `VERBOSE_MODE` | `false` | Say a\\|b more. |')
  t.match(table, '| `ALLOWED_ORIGINS`, `FRONTEND_ORIGINS` | – | Origins of pages. |')
  t.match(
    table,
    '| `JWT_SECRET` | generated with the embedded store | Signs user tokens. Secret. |',
  )
  t.match(exampleFile(Sample), '# How much is logged. One of `info`, `warn`.\n#LOG_LEVEL=info\n')
  t.strictSame(Object.keys(configDocuments(Sample)), ['docs/configuration.md', '.env.example'])
})

test('the example file changes nothing, also when everything in it is uncommented', async (t) => {
  const text = exampleFile(Sample)
  t.strictSame(readEnvironment(t.testdir({ '.env': text }), {}), {})
  const uncommented = t.testdir({ '.env': text.replace(/^#(?=[A-Z])/gm, '') })
  const environment = { ...readEnvironment(uncommented, {}), ...enough }
  t.strictSame(loadConfig(Sample, { environment }), loadConfig(Sample, { environment: enough }))
})

test('a process answers questions about its configuration instead of starting', async (t) => {
  t.equal(ask(undefined, enough), null)
  const good = ask('--check-config', enough)!
  t.equal(good.exitCode, 0)
  t.match(JSON.parse(good.text), { ok: true, config: { PORT: 3000, JWT_SECRET: '***' } })
  const bad = ask('--check-config', {})!
  t.equal(bad.exitCode, 78)
  t.match(JSON.parse(bad.text), { ok: false, mistakes: [{ name: 'JWT_SECRET' }] })
  t.strictSame(JSON.parse(ask('--config-docs', {})!.text), configDocuments(Sample))
})
