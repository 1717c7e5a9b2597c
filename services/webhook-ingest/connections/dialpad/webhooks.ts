import { call, create, find, idOf, type Access, type Fields } from './calls.ts'

/** A webhook at Dialpad: https://developers.dialpad.com/reference, Webhook. */
export interface Webhook {
  readonly id: string
  readonly hookUrl: string
}

/** Where it delivers, and what it signs with. */
interface Wanted {
  readonly hookUrl: string
  readonly secret: string
}

/** The first webhook that matches, or null. @throws DialpadFailure, as all of these */
export function findWebhook(
  access: Access,
  matches: (webhook: Webhook) => boolean,
): Promise<Webhook | null> {
  return find(access, { path: 'webhooks', what: 'the list of webhooks' }, (item) => {
    const webhook = webhookOf(item)
    return webhook && matches(webhook) ? webhook : null
  })
}

/** @returns its id */
export function createWebhook(access: Access, wanted: Wanted): Promise<string> {
  return create(access, { path: 'webhooks', body: bodyOf(wanted), what: 'the webhook' })
}

export async function updateWebhook(access: Access, id: string, wanted: Wanted): Promise<void> {
  const what = 'the new secret of the webhook'
  await call(access, { method: 'PATCH', path: pathOf(id), body: bodyOf(wanted), what })
}

/** One that is gone is removed. */
export async function deleteWebhook(access: Access, id: string): Promise<void> {
  await call(access, { method: 'DELETE', path: pathOf(id), what: 'the removal of the webhook' })
}

function pathOf(id: string): string {
  return `webhooks/${encodeURIComponent(id)}`
}

function bodyOf({ hookUrl, secret }: Wanted): string {
  return JSON.stringify({ hook_url: hookUrl, secret })
}

function webhookOf({ id: given, hook_url: hookUrl }: Fields): Webhook | null {
  const id = idOf(given)
  return id !== null && typeof hookUrl === 'string' ? { id, hookUrl } : null
}
