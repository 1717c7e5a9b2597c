import { call, create, fieldsOf, find, idOf, type Access, type Fields } from './calls.ts'

/** Whose calls are told; without one, those of the whole company. */
export interface Target {
  readonly type: string
  /** Digits. */
  readonly id: string
}

/** A subscription at Dialpad: https://developers.dialpad.com/reference, Call Event. */
export interface Subscription {
  readonly id: string
  readonly webhookId: string | null
  readonly enabled: boolean
  readonly groupCallsOnly: boolean
  readonly states: readonly string[]
  readonly target: Target | null
}

/** What a subscription is to be. */
interface Wanted {
  readonly webhookId: string
  readonly states: readonly string[]
  readonly target: Target | null
}

const path = 'subscriptions/call'

/** The first subscription that matches, or null. @throws DialpadFailure, as all of these */
export function findSubscription(
  access: Access,
  matches: (subscription: Subscription) => boolean,
): Promise<Subscription | null> {
  return find(access, { path, what: 'the list of call subscriptions' }, (item) => {
    const subscription = subscriptionOf(item)
    return subscription && matches(subscription) ? subscription : null
  })
}

/** @returns its id */
export function createSubscription(access: Access, wanted: Wanted): Promise<string> {
  return create(access, { path, body: bodyOf(wanted), what: 'the call subscription' })
}

export async function updateSubscription(
  access: Access,
  id: string,
  wanted: Wanted,
): Promise<void> {
  const what = 'the change of the call subscription'
  await call(access, { method: 'PATCH', path: pathOf(id), body: bodyOf(wanted), what })
}

/** One that is gone is removed. */
export async function deleteSubscription(access: Access, id: string): Promise<void> {
  const what = 'the removal of the call subscription'
  await call(access, { method: 'DELETE', path: pathOf(id), what })
}

function pathOf(id: string): string {
  return `${path}/${encodeURIComponent(id)}`
}

/** Ids are written as the integers they are, which `JSON.stringify` cannot beyond 2^53. */
function bodyOf({ webhookId, states, target }: Wanted): string {
  const rest = { call_states: states, enabled: true, group_calls_only: false }
  const ids = [`"endpoint_id":${integer(webhookId)}`]
  if (target) {
    ids.push(`"target_type":${JSON.stringify(target.type)}`, `"target_id":${integer(target.id)}`)
  }
  return `{${ids.join(',')},${JSON.stringify(rest).slice(1)}`
}

function integer(id: string): string {
  return /^(0|[1-9]\d{0,19})$/.test(id) ? id : JSON.stringify(id)
}

function subscriptionOf(item: Fields): Subscription | null {
  const id = idOf(item['id'])
  if (id === null) return null
  const [type, target] = [item['target_type'], idOf(item['target_id'])]
  const states = item['call_states']
  return {
    id,
    webhookId: idOf(fieldsOf(item['webhook'])['id']),
    enabled: item['enabled'] === true,
    groupCallsOnly: item['group_calls_only'] === true,
    states: Array.isArray(states) ? states.filter((state) => typeof state === 'string') : [],
    target: typeof type === 'string' && target !== null ? { type, id: target } : null,
  }
}
