import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Delivery } from '@switchhook/shared/providers'

/** What is to be signed. */
export interface Message {
  readonly id: string
  /** Unix seconds. */
  readonly at: number
  readonly text: string
  readonly secret: string
}

/** What a sender with the library of the specification's authors sends. */
export function signedByLibrary({ id, at, text, secret }: Message): Delivery {
  return {
    method: 'POST',
    url: '',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': new Webhook(secret).sign(id, new Date(at * 1000), text),
    },
    body: Buffer.from(text),
  }
}

/** The library's verdict by the clock of Date.now. It knows the names of the specification only. */
export function libraryAccepts({ headers, body }: Delivery, secret: string): boolean {
  const named = Object.entries(headers)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, value]) => [name.replace(/^svix-/, 'webhook-'), value] as const)
  try {
    new Webhook(secret).verify(body, Object.fromEntries(named), { jsonParse: false })
    return true
  } catch {
    return false
  }
}

export const standardWebhooksSecret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

/** A signed event of a call, fresh. */
export function standardWebhooksEvent(call: string) {
  const id = `msg_${randomUUID()}`
  const text = JSON.stringify({ type: 'call.speak.started', data: { call_id: call } })
  const at = Math.floor(Date.now() / 1000)
  const { headers, body } = signedByLibrary({ id, at, text, secret: standardWebhooksSecret })
  return { id, body, headers: headers as Record<string, string> }
}
