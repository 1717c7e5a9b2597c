import { join } from 'node:path'
import { test } from 'tap'
import { Type, type TObject } from 'typebox'
import {
  dataDirOf,
  exampleFile,
  loadConfig,
  nearest,
  readEnvironment,
  type Environment,
} from '@switchhook/shared/config'
import { enough, Http, mistakesOf, Sample, secret } from './config-sample.ts'

function reasons(environment: Environment, schema: TObject = Sample): string[] {
  return mistakesOf(() => loadConfig(schema, { environment })).map(
    (each) => `${each.name} ${each.reason}`,
  )
}

function origins(environment: Environment): string[] {
  return loadConfig(Sample, { environment: { ...enough, ...environment } }).origins
}

test('a configuration has its defaults and is frozen through and through', async (t) => {
  const config = loadConfig(Sample, { environment: enough })
  t.strictSame(config, {
    http: { host: '127.0.0.1', port: 3000 },
    ratio: 0.5,
    verbose: false,
    level: 'info',
    origins: [],
    jwt: { secrets: [secret] },
  })
  t.ok([config, config.http, config.origins, config.jwt.secrets].every(Object.isFrozen))
  t.notOk(Object.isFrozen(Sample.properties.origins), 'the schema itself stays as it was')
})

test('options may be optional altogether', async (t) => {
  const Optional = Type.Object({ name: Type.Optional(Type.String({ env: 'SAMPLE_NAME' })) })
  const Composed = Type.Object({ inner: Optional })
  t.strictSame(loadConfig(Composed, { environment: {} }), { inner: {} })
  t.strictSame(loadConfig(Composed, { environment: { SAMPLE_NAME: 'x' } }), {
    inner: { name: 'x' },
  })
})

test('texts become what the schema wants', async (t) => {
  const config = loadConfig(Sample, {
    environment: {
      PORT: '0',
      SAMPLE_RATIO: '.25',
      VERBOSE_MODE: '1',
      LOG_LEVEL: 'warn',
      ALLOWED_ORIGINS: ' https://a.example   https://b.example ',
      JWT_SECRET: `${secret}, ${'r'.repeat(40)},`,
      ADMIN_PORT: '',
    },
  })
  t.equal(config.http.port, 0)
  t.equal(config.ratio, 0.25)
  t.equal(config.verbose, true)
  t.equal(config.level, 'warn')
  t.strictSame(config.origins, ['https://a.example', 'https://b.example'])
  t.strictSame(config.jwt.secrets, [secret, 'r'.repeat(40)])
  t.notOk('adminPort' in config.http, 'an empty text counts as not set')
})

test('booleans are true, false, 1 and 0, and nothing else', async (t) => {
  for (const [text, expected] of [
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ] as const) {
    const config = loadConfig(Sample, { environment: { ...enough, VERBOSE_MODE: text } })
    t.equal(config.verbose, expected, text)
  }
  for (const VERBOSE_MODE of ['yes', 'on', '2']) {
    t.strictSame(reasons({ ...enough, VERBOSE_MODE }), [
      `VERBOSE_MODE must be true or false, is "${VERBOSE_MODE}"`,
    ])
  }
})

test('all mistakes are told at once, one line each, with an example', async (t) => {
  const environment = { PORT: '70000', SAMPLE_RATIO: 'half', LOG_LEVEL: 'loud', ADMIN_PORT: '1.5' }
  t.throws(() => loadConfig(Sample, { environment }), {
    name: 'ConfigError',
    exitCode: 78,
    message: [
      'PORT: must be <= 65535, is "70000" (example: PORT=3000)',
      'ADMIN_PORT: must be an integer, is "1.5"',
      'SAMPLE_RATIO: must be a number, is "half"',
      'LOG_LEVEL: must be one of info, warn, is "loud"',
      'JWT_SECRET: is required',
    ].join('\n'),
  })
  t.strictSame(reasons({ ...enough, PORT: 'x\ny' }), ['PORT must be an integer, is "x\\ny"'])
})

test('a secret never shows in a message', async (t) => {
  for (const JWT_SECRET of ['hunter2', `${secret},hunter2`]) {
    const [reason] = reasons({ JWT_SECRET })
    t.match(reason, 'JWT_SECRET each item must not have fewer than 32 characters')
    t.notMatch(reason, 'hunter2')
  }
})

test('a secret can come from a file', async (t) => {
  const directory = t.testdir({ secret: `${secret}\n`, empty: '\n', port: '4000' })
  const fromFile = (name: string) => ({ JWT_SECRET_FILE: join(directory, name) })
  const config = loadConfig(Sample, { environment: fromFile('secret') })
  t.strictSame(config.jwt.secrets, [secret], 'without its trailing newline')
  t.match(reasons(fromFile('absent')), [/^JWT_SECRET_FILE the file cannot be read: ENOENT/])
  t.match(reasons(fromFile('empty')), [/^JWT_SECRET_FILE the file .* is empty$/])
  t.strictSame(reasons({ ...enough, ...fromFile('secret') }), [
    'JWT_SECRET is set together with JWT_SECRET_FILE; keep one of them',
  ])
  const port = loadConfig(Sample, {
    environment: { ...enough, PORT_FILE: join(directory, 'port') },
  })
  t.equal(port.http.port, 3000, 'only secrets are read from files')
})

test('an alias stands in for its variable, and may not contradict it', async (t) => {
  t.strictSame(origins({ FRONTEND_ORIGINS: 'https://a.example' }), ['https://a.example'])
  t.strictSame(origins({ FRONTEND_ORIGINS: 'a://a', ALLOWED_ORIGINS: 'a://a' }), ['a://a'])
  t.strictSame(reasons({ ...enough, FRONTEND_ORIGINS: 'a://a', ALLOWED_ORIGINS: 'b://b' }), [
    'ALLOWED_ORIGINS is set together with FRONTEND_ORIGINS; keep one of them',
  ])
})

test('names nobody reads suggest the ones that were meant', async (t) => {
  t.strictSame(reasons({ JWT_SECERT: secret }), [
    'JWT_SECERT is not known; did you mean JWT_SECRET?',
    'JWT_SECRET is required',
  ])
  t.strictSame(reasons({ ...enough, SWITCHHOOK_PORT: '1', JWT_SECRET_FIL: 'x' }), [
    'SWITCHHOOK_PORT is not known; did you mean PORT?',
    'JWT_SECRET_FIL is not known; did you mean JWT_SECRET_FILE?',
  ])
  t.strictSame(reasons({ ...enough, PATH: '/bin', POST: '1', LOG_LEVELS: '' }), [])
  const links = { SWITCHHOOK_PORT: 'tcp://10.0.0.7:80', SWITCHHOOK_HUB_SERVICE_HOST: '10.0.0.7' }
  t.strictSame(reasons({ ...enough, ...links }), [], 'Kubernetes names its services like this')
  const environment = { ...enough, LOG_LEVEL2: 'x' }
  t.equal(loadConfig(Sample, { environment, known: ['LOG_LEVEL2'] }).level, 'info')
})

test('a check across values is reported with the other mistakes', async (t) => {
  const found = [
    { name: 'PORT', reason: 'is taken by the admin port' },
    { name: 'ALLOWED_ORIGINS', reason: 'must not be empty' },
  ]
  const check = () => found
  const load = (environment: Environment) => () => loadConfig(Sample, { environment, check })
  t.strictSame(
    mistakesOf(load({ ...enough, PORT: 'x' })).map(({ name, reason }) => `${name} ${reason}`),
    ['PORT must be an integer, is "x"', 'ALLOWED_ORIGINS must not be empty'],
    'a variable that could not be read is not judged twice',
  )
  t.strictSame(
    mistakesOf(load({})).map(({ name }) => name),
    ['JWT_SECRET', 'PORT', 'ALLOWED_ORIGINS'],
    'an empty list stands in for a missing one',
  )
})

test('a variable that two rooms share is one variable', async (t) => {
  const Both = Type.Object({ one: Http, two: Http })
  t.equal(loadConfig(Both, { environment: { PORT: '1' } }).two.port, 1)
  t.equal(reasons({ PORT: 'x' }, Both).length, 1)
  t.equal(exampleFile(Both).match(/^#PORT=/gm)?.length, 1)
})

test('.env lies under the real environment', async (t) => {
  const root = t.testdir({ '.env': 'PORT=1\nHOST="::1" # everywhere\n' })
  t.strictSame(readEnvironment(root, { PORT: '2' }), { PORT: '2', HOST: '::1' })
  t.strictSame(readEnvironment(join(root, 'elsewhere'), { PORT: '2' }), { PORT: '2' })
  const broken = t.testdir({ '.env': {} })
  t.match(
    mistakesOf(() => readEnvironment(broken, {})),
    [{ name: '.env', reason: /cannot be read/ }],
  )
})

test('DATA_DIR is relative to the workspace root', async (t) => {
  t.equal(dataDirOf('/srv/switchhook', {}), '/srv/switchhook/.data')
  t.equal(dataDirOf('/srv/switchhook', { DATA_DIR: 'x' }), '/srv/switchhook/x')
  t.equal(dataDirOf('/srv/switchhook', { DATA_DIR: '/x' }), '/x')
})

test('the nearest word is the one with the fewest edits', async (t) => {
  t.equal(nearest('tokn', ['serve', 'token', 'demo']), 'token')
  t.equal(nearest('abc', ['xyz'], 2), null)
  t.equal(nearest('abc', []), null)
})
