import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { dockerfile, stagesOf, type Stage, type Step } from './dockerfile.ts'
import { root } from '../process.ts'
import type { Lifetime } from '../postgres.ts'

const exec = promisify(execFile)

/** Where the base image has its Node. */
const baseNode = '/usr/local/bin/node'

/** The image of deploy/Dockerfile as a folder. */
export interface Image {
  /** Stands for the container's `/`. */
  readonly root: string
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
  readonly user: { readonly uid: number; readonly gid: number }
}

/** A stage while it is built. */
interface Built {
  readonly root: string
  readonly workdir: string
}

/**
 * Does what the Dockerfile says, without a container: its COPY lines from what .dockerignore lets through, and its pnpm
 * commands, really. The base image is this process's Node. Removed with the lifetime.
 */
export async function buildImage(lifetime: Lifetime): Promise<Image> {
  const place = fs.mkdtempSync(join(tmpdir(), 'switchhook-image-'))
  const remove = (): void => {
    for (const folder of foldersIn(place)) fs.chmodSync(folder, 0o755)
    fs.rmSync(place, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', remove)
  lifetime.teardown(() => {
    process.off('exit', remove)
    remove()
  })
  fs.chmodSync(place, 0o755)
  const context = join(place, 'context')
  copyContext(context)
  // As a builder does it, a stage waits for nothing but what it takes from others.
  const built = new Map<string, Promise<Built>>()
  const stages = stagesOf(dockerfile)
  for (const [index, stage] of stages.entries()) {
    const begun = begin(join(place, `stage-${index}`), built.get(stage.base))
    built.set(
      stage.name,
      begun.then((from) => runSteps(stage, from, { built, context })),
    )
  }
  const done = await Promise.all(built.values())
  const { root: imageRoot, workdir } = done.at(-1)!
  for (const folder of foldersIn(join(imageRoot, workdir))) fs.chmodSync(folder, 0o555)
  return { root: imageRoot, workdir, ...settingsOf(stages.at(-1)!) }
}

function settingsOf({
  steps,
}: Stage): Pick<Image, 'environment' | 'command' | 'healthcheck' | 'user'> {
  const one = (keyword: string): Step => steps.find((step) => step.keyword === keyword)!
  const [uid = 0, gid = 0] = one('USER').text.split(':').map(Number)
  return {
    environment: Object.fromEntries(one('ENV').words.map((word) => word.split('='))) as Record<
      string,
      string
    >,
    command: JSON.parse(one('CMD').text) as string[],
    healthcheck: JSON.parse(one('HEALTHCHECK').text.replace('CMD ', '')) as string[],
    user: { uid, gid },
  }
}

async function begin(folder: string, base: Promise<Built> | undefined): Promise<Built> {
  if (base) {
    const { root: baseRoot, workdir } = await base
    await exec('cp', ['-a', '--link', baseRoot, folder])
    return { root: folder, workdir }
  }
  const node = join(folder, baseNode)
  fs.mkdirSync(resolve(node, '..'), { recursive: true })
  // Its own name for the file: whoever runs the image need not be able to reach the workspace.
  await exec('cp', ['--link', process.execPath, node]).catch(() =>
    exec('cp', [process.execPath, node]),
  )
  return { root: folder, workdir: '/' }
}

/** How packages are reached is the machine's affair; how this process is measured is none of theirs. */
const installing = { ...process.env, CI: 'true', NODE_OPTIONS: '', NODE_V8_COVERAGE: '' }

interface Sources {
  readonly built: ReadonlyMap<string, Promise<Built>>
  readonly context: string
}

async function runSteps(stage: Stage, from: Built, sources: Sources): Promise<Built> {
  let { workdir } = from
  for (const step of stage.steps) {
    const here = join(from.root, workdir)
    if (step.keyword === 'WORKDIR') {
      workdir = resolve(workdir, step.text)
      fs.mkdirSync(join(from.root, workdir), { recursive: true })
    } else if (step.keyword === 'COPY') await copy(step, from.root, { here, sources })
    else if (step.keyword === 'RUN') await run(step, from.root, here)
  }
  return { root: from.root, workdir }
}

/** Of other commands only those are followed that leave something behind which a service sees. */
async function run({ text }: Step, stageRoot: string, here: string): Promise<void> {
  if (text.startsWith('pnpm ')) {
    const words = ['--prefer-offline', '-y', 'pnpm@12', ...text.split(' ').slice(1)]
    await exec('npx', words, { cwd: here, env: installing, timeout: 180_000 })
  }
  for (const [, target = '', link = ''] of text.matchAll(/ln -s (\S+) (\S+)/g)) {
    const path = join(here, link)
    fs.mkdirSync(resolve(path, '..'), { recursive: true })
    fs.symlinkSync(relative(resolve(path, '..'), join(stageRoot, target)), path)
  }
  for (const [, uid, gid, mode = '', path = ''] of text.matchAll(
    /install -d -o (\d+) -g (\d+) -m (\d+) (\S+)/g,
  )) {
    fs.mkdirSync(join(stageRoot, path))
    fs.chmodSync(join(stageRoot, path), Number.parseInt(mode, 8))
    if (process.getuid?.() === 0) fs.chownSync(join(stageRoot, path), Number(uid), Number(gid))
  }
}

async function copy(
  { flags, words, text }: Step,
  stageRoot: string,
  { here, sources }: { here: string; sources: Sources },
): Promise<void> {
  const { from } = flags
  const origin = from === undefined ? sources.context : (await sources.built.get(from)!).root
  const target = words.at(-1)!
  const to = target.startsWith('/') ? join(stageRoot, target) : join(here, target)
  for (const word of words.slice(0, -1)) {
    const found = fs.globSync(join(origin, word))
    if (found.length === 0) throw new Error(`COPY ${text}: there is no ${word}`)
    for (const path of found) {
      const folder = fs.statSync(path).isDirectory()
      fs.mkdirSync(target.endsWith('/') ? to : resolve(to, '..'), { recursive: true })
      const end = folder || !target.endsWith('/') ? to : join(to, basename(path))
      await exec('cp', ['-a', '--link', '--force', '--no-target-directory', path, end])
    }
  }
}

/** What a builder is given: the workspace without what .dockerignore keeps out. */
function copyContext(to: string): void {
  const lines = fs.readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#')).map(ruleOf)
  const isKept = (path: string): boolean =>
    rules.findLast(({ pattern }) => pattern.test(path))?.keeps ?? true
  const isEntered = (folder: string): boolean =>
    isKept(folder) || rules.some(({ keeps, glob }) => keeps && glob.startsWith(`${folder}/`))
  const visit = (folder: string): void => {
    for (const entry of fs.readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && isEntered(path)) visit(path)
      if (entry.isDirectory() || !isKept(path)) continue
      fs.cpSync(join(root, path), join(to, path))
      fs.chmodSync(join(to, path), 0o644)
    }
  }
  visit('')
}

interface Rule {
  readonly keeps: boolean
  readonly glob: string
  readonly pattern: RegExp
}

/** A rule is about the path it names and everything below it. */
function ruleOf(line: string): Rule {
  const keeps = line.startsWith('!')
  const glob = line.slice(keeps ? 1 : 0)
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'))
  return { keeps, glob, pattern: new RegExp(`^${source}(?:/|$)`) }
}

function foldersIn(path: string): string[] {
  const below = fs
    .readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersIn(join(path, entry.name)))
  return [path, ...below]
}
