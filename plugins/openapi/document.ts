import { Problem, problemResponses } from './problems.ts'
import { limitHeaders } from './rate-limits.ts'
import { completed, type Operation } from './refused.ts'
import { securitySchemes } from './security.ts'
import { naming, type Json } from './naming.ts'
import { tags } from './tags.ts'

/** The document as JSON. */
export type Document = Record<string, Json>

/** The operations of a path, by method. */
type Item = Readonly<Record<string, Operation>>

/** What was collected on a server. */
export interface Collected {
  readonly paths: Readonly<Record<string, Item>>
}

/** The operators' server, if it is another one. */
interface Apart {
  readonly collected: Collected
  readonly port: number
}

interface Described {
  readonly version: string
  /** What clients call us. */
  readonly publicUrl: string
  readonly collected: Collected
  readonly operators: Apart | null
}

/** The document (OpenAPI 3.1). @throws Error if two schemas have one title */
export function describe({ version, publicUrl, collected, operators }: Described): Document {
  const paths = { ...pathsOf(collected), ...(operators && pathsApart(operators, publicUrl)) }
  const used = new Set(Object.values(paths).flatMap(tagsOf))
  const named = naming()
  return {
    openapi: '3.1.0',
    info: { ...info, version },
    servers: [{ url: publicUrl.replace(/\/+$/, '') }],
    tags: plain(tags.filter(({ name }) => used.has(name))),
    paths: named.within(plain(paths)),
    components: {
      schemas: named.schemas([Problem]),
      responses: named.within(plain(problemResponses())),
      headers: plain(limitHeaders),
      securitySchemes: plain(securitySchemes),
    },
  }
}

const info = {
  title: 'Switchhook',
  summary: 'Calls of every provider, as they happen and as they were.',
  description:
    'Fields you do not know are to be ignored: there will be more. What goes over the WebSocket is described in `/asyncapi.json`.',
  license: { name: 'MIT', identifier: 'MIT' },
}

const plain = (value: object): Json => JSON.parse(JSON.stringify(value)) as Json

/** The operations in the order of their paths, each with all it may be answered. */
function pathsOf({ paths }: Collected): Record<string, object> {
  const sorted = Object.entries(paths).toSorted(([one], [two]) => (one < two ? -1 : 1))
  return Object.fromEntries(sorted.map(([path, item]) => [path, completedAll(unlike(item), path)]))
}

/** Paths of a server of their own say where it is. */
function pathsApart({ collected, port }: Apart, publicUrl: string): Record<string, object> {
  const { protocol, hostname } = new URL(publicUrl)
  const url = `${protocol}//${hostname}:${port}`
  const servers = [{ url, description: 'Operators, on `ADMIN_PORT`.' }]
  const paths = Object.entries(pathsOf(collected))
  return Object.fromEntries(paths.map(([path, item]) => [path, { servers, ...item }]))
}

function completedAll(item: Item, path: string): object {
  const operations = Object.entries(item)
  return Object.fromEntries(
    operations.map(([method, operation]) => [method, completed(operation, path)]),
  )
}

/** One route that takes several methods is an operation for each; the first has its name and its body. */
function unlike(item: Item): Item {
  const [[firstMethod, first] = []] = Object.entries(item)
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => {
      if (method === firstMethod || operation !== first) return [method, operation]
      const { 'x-request-body': _, ...rest } = operation
      const named = `${rest.operationId}By${method[0]!.toUpperCase()}${method.slice(1)}`
      return [method, { ...rest, operationId: named }]
    }),
  )
}

function tagsOf(item: object): string[] {
  return Object.values(item).flatMap((operation) => (operation as { tags?: string[] }).tags ?? [])
}
