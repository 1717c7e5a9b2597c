import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const rooms = ['shared', 'plugins', 'services', 'clients/browser', 'clients/console', 'clients/cli']

/** Which folders of shared may import which; everything not listed may import nothing of ours. */
const sharedEdges: Readonly<Record<string, readonly string[]>> = {
  access: ['audit', 'database'],
  audit: ['database'],
  bus: ['journal', 'redis'],
  claims: ['database'],
  config: ['data-dir'],
  connections: ['database', 'sealing'],
  credentials: ['database', 'sealing'],
  database: ['data-dir'],
  directory: ['audit', 'database'],
  doctor: ['egress', 'errors', 'frames', 'protocol', 'providers', 'tls-trust', 'upgrade'],
  egress: ['errors'],
  journal: ['database', 'events', 'projections'],
  limits: ['redis'],
  mappings: ['database'],
  presence: ['database'],
  messages: ['errors', 'events'],
  projections: ['events'],
  protocol: ['events', 'projections'],
  providers: ['errors', 'events'],
  sealing: ['database'],
  registrations: ['database'],
  revisions: ['database'],
  'sip-traces': ['database', 'sealing'],
  'tls-trust': ['egress', 'errors'],
  upgrade: ['errors'],
  transfer: ['database'],
}

/** Which rooms a room may import. */
const roomEdges: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  plugins: ['shared'],
  services: ['plugins', 'shared'],
  'clients/browser': ['shared'],
  'clients/console': ['browser', 'shared'],
  'clients/cli': ['browser', 'shared'],
}

/** What code in a browser may import of shared: free of Node modules. */
const browserSafe = new Set(['protocol', 'events', 'projections'])

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (['node_modules', 'dist', 'fixtures'].includes(entry.name)) return []
    if (entry.isDirectory()) return filesIn(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1]!)
}

const folderOf = (path: string): string => relative(root, path).split('/')[1]!

t.test('shared knows no Fastify and no environment, and its folders lean one way', (t) => {
  for (const file of filesIn(join(root, 'shared'))) {
    const name = relative(root, file)
    t.notOk(readFileSync(file, 'utf8').includes('process.env'), `${name} reads no environment`)
    for (const imported of importsOf(file)) {
      t.notMatch(imported, /^(@fastify|fastify)/, name)
      if (!imported.startsWith('.')) continue
      const [from, to] = [folderOf(file), folderOf(resolve(dirname(file), imported))]
      t.ok(from === to || sharedEdges[from]?.includes(to), `${name}: ${from} → ${to}`)
    }
  }
  t.end()
})

t.test('rooms import downwards only', (t) => {
  for (const room of rooms) {
    for (const file of filesIn(join(root, room))) {
      for (const imported of importsOf(file)) {
        const target = /^@switchhook\/([a-z-]+)/.exec(imported)?.[1]
        if (target) t.ok(roomEdges[room]!.includes(target), `${relative(root, file)} → ${target}`)
      }
    }
  }
  t.end()
})

t.test('a plugin imports no plugin, a service no service but in all-in-one', (t) => {
  for (const room of ['plugins', 'services']) {
    for (const file of filesIn(join(root, room))) {
      const own = folderOf(file)
      for (const imported of importsOf(file).filter((path) => path.startsWith('..'))) {
        const other = folderOf(resolve(dirname(file), imported))
        // Files directly in services/ are what every process stands on.
        const allowed = other === own || other.endsWith('.ts') || own === 'all-in-one'
        t.ok(allowed, `${relative(root, file)} → ${other}`)
      }
    }
  }
  t.end()
})

t.test('what runs in a browser imports nothing of Node', (t) => {
  for (const room of ['clients/browser', 'clients/console']) {
    for (const file of filesIn(join(root, room))) {
      if (file.endsWith('vite.config.ts')) continue
      for (const imported of importsOf(file)) {
        t.notMatch(imported, /^node:/, relative(root, file))
        const shared = /^@switchhook\/shared\/([a-z-]+)/.exec(imported)?.[1]
        if (shared) t.ok(browserSafe.has(shared), `${relative(root, file)} → ${shared}`)
      }
    }
  }
  t.end()
})

t.test('no file imports itself over others, not even for a type', (t) => {
  const edges = new Map(
    rooms
      .flatMap((room) => filesIn(join(root, room)))
      .map((file): [string, string[]] => [
        file,
        importsOf(file)
          .filter((path) => path.startsWith('.'))
          .map((path) => resolve(dirname(file), path)),
      ]),
  )
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      t.fail(
        [...path.slice(path.indexOf(file)), file].map((one) => relative(root, one)).join(' → '),
      )
    }
    if (done.has(file) || path.includes(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  t.ok(done.size > 100)
  t.end()
})

t.test('a plugin is called like its folder', (t) => {
  for (const folder of readdirSync(join(root, 'plugins'))) {
    const face = join(root, 'plugins', folder, 'index.ts')
    if (folder === 'node_modules' || !statSync(face, { throwIfNoEntry: false })) continue
    t.match(readFileSync(face, 'utf8'), `name: '${folder}'`, folder)
  }
  t.end()
})

t.test('names are nouns and verbs of the domain, folders are shallow and small', (t) => {
  for (const room of rooms) {
    const files = filesIn(join(root, room)).map((file) => relative(join(root, room), file))
    const perFolder = Map.groupBy(files, dirname)
    for (const [folder, members] of perFolder) {
      t.ok(members.length <= 15, `${room}/${folder} has ${members.length} files`)
    }
    for (const file of files) {
      t.ok(file.split('/').length <= 4, `${room}/${file} is not too deep`)
      t.notMatch(file, /(^|\/)(utils?|helpers?|common|manager|misc|types)\./, `${room}/${file}`)
      t.match(file, /^[a-z0-9./-]+$/, `${room}/${file} is kebab-case`)
    }
  }
  t.end()
})

t.test('no setting of this machine is committed', (t) => {
  for (const room of [...rooms, 'test', 'bench', 'docs']) {
    for (const file of filesIn(join(root, room))) {
      t.notMatch(readFileSync(file, 'utf8'), /\/work\/(?:main|shared)/, relative(root, file))
    }
  }
  t.end()
})
