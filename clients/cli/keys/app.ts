import { Failure, UsageError } from '../exit-codes.ts'
import type { Ask } from './service.ts'

/** Whose keys they are. */
export interface App {
  readonly id: string
  readonly name: string
}

interface Apps {
  readonly items: readonly App[]
  readonly next: string | null
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** As many as help to choose. */
const shown = 20

/** The app with this id; without one the only app. @throws UsageError naming the apps if there are several */
export async function appOf(ask: Ask, id: string | undefined): Promise<string> {
  if (id !== undefined) {
    if (!uuid.test(id)) throw new UsageError(`--app '${id}' is not a UUID`)
    return id.toLowerCase()
  }
  const { items, next } = await ask<Apps>(`/apps?limit=${shown}`)
  if (!Array.isArray(items) || items.length === 0) {
    throw new Failure('the service names no app', 'Is it of the same version?')
  }
  if (items.length === 1) return items[0]!.id
  const lines = items.map((app) => `  --app ${app.id}  ${app.name}`)
  if (next !== null) lines.push('  …')
  throw new UsageError(['there are several apps: choose one', ...lines].join('\n'))
}
