import { ask, failureOf, succeeded, type Question } from './ask.ts'
import { DialpadFailure } from './failure.ts'

/** Proof of the consent: the token that is in use, and a new one where that is refused. */
export interface Bearer {
  current(): Promise<string>
  renew(): Promise<string>
}

/** Where Dialpad is, and as whom it is asked. */
export interface Access {
  readonly baseUrl: string
  readonly bearer: Bearer
  readonly signal: AbortSignal
}

/** A call of the API. */
interface Call {
  readonly method: Question['method']
  /** Below `/api/v2/`. */
  readonly path: string
  /** JSON. */
  readonly body?: string
  /** What is asked for, to follow "Dialpad refused". */
  readonly what: string
}

export type Fields = Readonly<Record<string, unknown>>

/** A list with a hundred full subscriptions is a tenth of it. */
const answerLimit = 1_048_576
/** Of a list; what comes after them is not seen. */
const maxPages = 50

/** Calls the API, a second time with a new token where the first is refused. @throws DialpadFailure */
export async function call(access: Access, { what, ...question }: Call): Promise<Fields> {
  let answer = await send(access, await access.bearer.current(), { what, ...question })
  // Revoked before its time, or our clock is late.
  if (answer.status === 401) {
    answer = await send(access, await access.bearer.renew(), { what, ...question })
  }
  const isGone = question.method === 'DELETE' && answer.status === 404
  if (!succeeded(answer) && !isGone) throw failureOf(answer, what)
  return fieldsOf(answer.body)
}

/** Makes something. @returns its id @throws DialpadFailure */
export async function create(access: Access, made: Omit<Call, 'method'>): Promise<string> {
  const id = idOf((await call(access, { method: 'POST', ...made }))['id'])
  if (id !== null) return id
  throw new DialpadFailure('refused', `Dialpad answered without an id (${made.what})`)
}

/** The first item of a list that `read` makes something of, page by page; null if there is none. @throws DialpadFailure */
export async function find<Item>(
  access: Access,
  list: Pick<Call, 'path' | 'what'>,
  read: (item: Fields) => Item | null,
): Promise<Item | null> {
  let cursor = ''
  for (let page = 0; page < maxPages; page += 1) {
    const path = cursor === '' ? list.path : `${list.path}?cursor=${encodeURIComponent(cursor)}`
    const { items, cursor: next } = await call(access, { ...list, method: 'GET', path })
    for (const item of Array.isArray(items) ? items : []) {
      const found = read(fieldsOf(item))
      if (found !== null) return found
    }
    if (typeof next !== 'string' || next === '' || next === cursor) return null
    cursor = next
  }
  return null
}

function send({ baseUrl, signal }: Access, token: string, { path, ...rest }: Call) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(rest.body !== undefined && { 'content-type': 'application/json' }),
  }
  return ask({ ...rest, url: `${baseUrl}/api/v2/${path}`, headers, limit: answerLimit, signal })
}

/** Integers in the schema, strings in the examples. */
export function idOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[\w-]{1,64}$/.test(text) ? text : null
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
