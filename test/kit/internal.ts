import { internalSecret } from './build.ts'

interface Call {
  readonly method?: string
  readonly body?: unknown
  /** Null: none is sent. */
  readonly secret?: string | null
}

/** Calls the operators' API of a suite; `path` is below `/internal`. */
export async function internal(
  url: string,
  path: string,
  { method = 'GET', body, secret = internalSecret }: Call = {},
) {
  const response = await fetch(new URL(`/internal${path}`, url), {
    method,
    headers: {
      ...(secret !== null && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never }
}
