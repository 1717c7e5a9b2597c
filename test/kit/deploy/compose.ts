import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../process.ts'

/** As much of a service as the tests look at. */
export interface ComposeService {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | null>>
  readonly [key: string]: unknown
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly networks: Readonly<Record<string, { ipam?: { config: { subnet: string }[] } }>>
  readonly volumes: Readonly<Record<string, unknown>>
}

export const composePath = join(root, 'docker-compose.yml')
export const composeText = readFileSync(composePath, 'utf8')

/** docker-compose.yml as `docker compose` reads it with these variables. */
export function readCompose(variables: Readonly<Record<string, string>> = {}): Compose {
  const compose = resolved(parse(composeText, { merge: true }), variables) as Compose
  for (const service of Object.values(compose.services)) {
    if (service.environment === undefined) continue
    const entries = Object.entries(service.environment).flatMap(([name, text]) => {
      const value = text ?? variables[name]
      return value === undefined ? [] : [[name, value]]
    })
    Object.assign(service, { environment: Object.fromEntries(entries) })
  }
  return compose
}

function resolved(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return interpolate(value, variables)
  if (Array.isArray(value)) return value.map((item) => resolved(item, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, resolved(inner, variables)]),
  )
}

/** From the inside out: `${A}`, `${A:-otherwise}`, `${A:+instead}`; set to nothing counts as not set. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  const innermost = /\$\{(\w+)(?::([-+])([^${}]*))?\}/
  let rest = text
  for (let match = innermost.exec(rest); match; match = innermost.exec(rest)) {
    const [whole, name = '', operator, word = ''] = match
    const value = variables[name] ?? ''
    const put = operator === '+' ? value && word : operator === '-' ? value || word : value
    rest = rest.replace(whole, () => put)
  }
  return rest
}
