import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { cleanEnvironment, type Running } from '../process.ts'
import type { Image } from './image.ts'
import type { Lifetime } from '../postgres.ts'

/** What a container is told. */
export interface ContainerOptions {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Runs a command of the image as its user, where the image's files are: what stands for a container. Without root it
 * runs as whoever runs the tests. Killed with the lifetime.
 */
export function runContainer(
  lifetime: Lifetime,
  image: Image,
  { command, environment = {} }: ContainerOptions,
): Running {
  // The containers have no place for temporary files either.
  const env = cleanEnvironment({ TMPDIR: '/nonexistent', ...image.environment, ...environment })
  // By way of env: what measures a test puts hooks into its children's environment, and a container has none.
  const given = Object.entries(env).map(([name, text]) => `${name}=${text}`)
  const child = spawn('/usr/bin/env', ['-i', ...given, ...command], {
    cwd: join(image.root, image.workdir),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(process.getuid?.() === 0 && image.user),
  })
  lifetime.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-100_000)))
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal!))
  })
  return { child, url: `http://127.0.0.1:${env['PORT']}`, output: () => output, exited }
}
