import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The root of the workspace, from wherever the CLI is run. */
export const root = resolve(import.meta.dirname, '../..')

/** The program of a service. */
export function mainOf(service: string): string {
  return join(root, 'services', service, 'main.ts')
}

/** The services of this workspace that can be started. */
export function serviceNames(): string[] {
  return readdirSync(join(root, 'services')).filter((name) => existsSync(mainOf(name)))
}
