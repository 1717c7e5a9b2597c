import { parseJson } from '../../../shared/providers/parse-json.ts'
import type { Asked, Told } from './http.ts'

interface Webhook {
  readonly id: string
  hookUrl: string
  secret: string | null
}

interface Subscription {
  readonly id: string
  webhookId: string
  states: unknown
  enabled: boolean
  target: { readonly type: string; readonly id: string } | null
}

type Fields = Readonly<Record<string, unknown>>

/** An id that a double would round. */
const firstId = 9_007_199_254_740_993n
const perPage = 2

/** Dialpad's webhooks and call event subscriptions, as its API reference has them. */
export class DialpadApi {
  readonly webhooks: Webhook[] = []
  readonly subscriptions: Subscription[] = []
  #lastId = firstId

  newId(): string {
    this.#lastId += 2n
    return String(this.#lastId)
  }

  answer({ method, path, query, body }: Asked): Told {
    const [, kind, id] = /^\/api\/v2\/(webhooks|subscriptions\/call)(?:\/(\d+))?$/.exec(path) ?? []
    const fields = body === '' ? {} : (parseJson(Buffer.from(body)) as Fields)
    if (kind === 'webhooks') return this.#webhook(method, { id, fields, query })
    if (kind === 'subscriptions/call') return this.#subscription(method, { id, fields, query })
    return { status: 404, body: { error: { code: 404 } } }
  }

  #webhook(method: string, { id, fields, query }: Call): Told {
    if (method === 'GET' && id === undefined) return page(this.webhooks.map(webhookBody), query)
    if (method === 'POST') {
      if (typeof fields['hook_url'] !== 'string') return badRequest
      const made = {
        id: this.newId(),
        hookUrl: fields['hook_url'],
        secret: textOf(fields['secret']),
      }
      this.webhooks.push(made)
      return { status: 200, body: webhookBody(made) }
    }
    const found = this.webhooks.find((one) => one.id === id)
    if (!found) return { status: 404, body: {} }
    if (method === 'DELETE') this.webhooks.splice(this.webhooks.indexOf(found), 1)
    if (method === 'PATCH') {
      found.hookUrl = textOf(fields['hook_url']) ?? found.hookUrl
      found.secret = textOf(fields['secret']) ?? found.secret
    }
    return { status: 200, body: webhookBody(found) }
  }

  #subscription(method: string, { id, fields, query }: Call): Told {
    if (method === 'GET' && id === undefined) {
      return page(
        this.subscriptions.map((one) => this.#subscriptionBody(one)),
        query,
      )
    }
    if (method === 'POST') {
      const webhookId = textOf(fields['endpoint_id'])
      if (!this.webhooks.some((one) => one.id === webhookId)) return badRequest
      const made = { id: this.newId(), webhookId: webhookId!, ...wanted(fields) }
      this.subscriptions.push(made)
      return { status: 200, body: this.#subscriptionBody(made) }
    }
    const found = this.subscriptions.find((one) => one.id === id)
    if (!found) return { status: 404, body: {} }
    if (method === 'DELETE') this.subscriptions.splice(this.subscriptions.indexOf(found), 1)
    if (method === 'PATCH') Object.assign(found, wanted(fields))
    return { status: 200, body: this.#subscriptionBody(found) }
  }

  #subscriptionBody({ id, webhookId, states, enabled, target }: Subscription): Fields {
    const webhook = this.webhooks.find((one) => one.id === webhookId)
    return {
      id: { int64: id },
      call_states: states,
      enabled,
      group_calls_only: false,
      ...(webhook && { webhook: webhookBody(webhook) }),
      ...(target && { target_type: target.type, target_id: { int64: target.id } }),
    }
  }
}

interface Call {
  readonly id: string | undefined
  readonly fields: Fields
  readonly query: URLSearchParams
}

function wanted(fields: Fields): Pick<Subscription, 'states' | 'enabled' | 'target'> {
  const [type, id] = [textOf(fields['target_type']), textOf(fields['target_id'])]
  const target = type !== null && id !== null ? { type, id } : null
  return { states: fields['call_states'], enabled: fields['enabled'] === true, target }
}

/** The secret itself is told to nobody. */
function webhookBody({ id, hookUrl, secret }: Webhook): Fields {
  const signature = secret === null ? {} : { signature: { algo: 'HS256', type: 'jwt' } }
  return { id: { int64: id }, hook_url: hookUrl, ...signature }
}

/** A cursor says where the next page begins. */
function page(items: readonly Fields[], query: URLSearchParams): Told {
  const from = Number(query.get('cursor')?.slice(1) ?? 0)
  const rest = items.length > from + perPage
  const cursor = rest ? { cursor: `=${from + perPage}` } : {}
  return { status: 200, body: { items: items.slice(from, from + perPage), ...cursor } }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : null
}

const badRequest: Told = { status: 400, body: { error: { code: 400 } } }
