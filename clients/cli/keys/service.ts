import { urlFlag } from '../arguments.ts'
import { localUrl } from '../flags/local-url.ts'
import { Failure } from '../exit-codes.ts'
import { internalSecret } from '../replay/secret.ts'
import { reasonOf } from '../replay/service.ts'
import type { Environment } from '@switchhook/shared/config'

/** Where the operators' API is, as flags say it. */
export interface Address {
  readonly url: string | undefined
  readonly secret: string | undefined
}

/** What is asked of the operators' API. */
interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: object
}

/** Asks the operators' API; `path` is below `/internal`. @throws Failure if it cannot be asked, or refuses */
export type Ask = <Answer>(path: string, question?: Question) => Promise<Answer>

const timeoutMs = 30_000

/** The operators' API of a service that runs: on this machine unless a URL says otherwise. */
export function operatorsApi({ url, secret }: Address, environment: Environment): Ask {
  const { PORT, ADMIN_PORT } = environment
  const local = (): string => localUrl({ ...environment, PORT: ADMIN_PORT || PORT }, '/')
  const base = urlFlag('url', url ?? local(), ['http:', 'https:'])
  base.pathname = base.pathname.replace(/\/+$/, '')
  const given = secret === undefined ? environment : { ...environment, INTERNAL_API_SECRET: secret }
  const bearer = internalSecret(given)
  return async (path, { method = 'GET', body } = {}) => {
    const response = await fetch(`${base.href.replace(/\/$/, '')}/internal${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw new Failure(
        `${base.href} cannot be reached: ${reasonOf(error)}`,
        'Is the service running? --url names another one.',
      )
    })
    const answer = objectIn(await response.text())
    if (!response.ok) throw refusal(response.status, answer ?? {})
    if (answer || response.status === 204) return answer as never
    throw new Failure(`${base.href} does not answer as Switchhook does`)
  }
}

const elsewhere = '/internal/apps is on event-hub, on ADMIN_PORT if there is one: --url names it.'

function refusal(status: number, { code, detail, fix }: Record<string, unknown>): Failure {
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new Failure(`${status}: it does not answer as Switchhook does`, elsewhere)
  }
  const help = code === 'not_found' ? elsewhere : fix
  return new Failure(`${status} ${code}: ${detail}`, typeof help === 'string' ? help : undefined)
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? { ...value } : undefined
  } catch {
    return undefined
  }
}
