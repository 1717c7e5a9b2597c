import { randomBytes } from 'node:crypto'
import {
  createSubscription,
  deleteSubscription,
  findSubscription,
  updateSubscription,
  type Subscription,
  type Target,
} from './dialpad/subscriptions.ts'
import { createWebhook, deleteWebhook, findWebhook, updateWebhook } from './dialpad/webhooks.ts'
import type { HeldConnection } from '@switchhook/shared/connections'
import type { Access } from './dialpad/calls.ts'
import type { Tokens } from './dialpad/tokens.ts'

/** What is sealed of a connection. */
export interface Secrets {
  readonly tokens: Tokens
  /** Signs what our webhook delivers; hex. */
  readonly hookSecret: string | null
  /** The webhook at Dialpad that is known to have it. */
  readonly secured: string | null
  readonly target: Target | null
}

export type Held = HeldConnection<Secrets>

interface Parts {
  readonly access: Access
  /** Where Dialpad is to deliver. */
  readonly hookUrl: string
  /** Makes deliveries with this secret welcome; a second time changes nothing. */
  readonly saveCredential: (secret: string) => Promise<void>
}

/**
 * The states that mean something here: a call's course, and what is made of it afterwards. The rest is about who
 * listens in, and about settings.
 */
export const callStates = [
  'calling',
  'preanswer',
  'ringing',
  'queued',
  'connected',
  'hold',
  'merged',
  'parked',
  'hangup',
  'missed',
  'blocked',
  'voicemail',
  'voicemail_uploaded',
  'recording',
  'admin_recording',
  'transcription',
  'call_transcription',
  'recap_summary',
  'takeover',
  'dispositions',
  'csat',
  'postcall',
] as const

/**
 * Sees to it that calls are told to us: one webhook with our URL and secret, one subscription that points to it.
 * Whatever is there already is used, so that this may be run again at any time, from any point it stopped at.
 * @throws DialpadFailure, ConnectionLost
 */
export async function setUp(held: Held, parts: Parts): Promise<void> {
  const secret = await hookSecret(held)
  // Before Dialpad knows it: the first delivery must not be refused.
  await parts.saveCredential(secret)
  const webhookId = await webhook(held, secret, parts)
  await subscription(held, webhookId, parts.access)
}

/**
 * Takes away at Dialpad what was made there; whatever fails is left.
 * @returns what is left, in words
 */
export async function takeDown(
  { current }: Held,
  {
    access,
    hookUrl,
    deauthorize,
  }: Pick<Parts, 'access' | 'hookUrl'> & { deauthorize(): Promise<void> },
): Promise<string[]> {
  const steps: Record<string, () => Promise<void>> = {
    async subscription() {
      if (current.subscriptionId !== null) await deleteSubscription(access, current.subscriptionId)
    },
    async webhook() {
      // One whose creation was never confirmed is found by its URL.
      const id =
        current.webhookId ??
        (await findWebhook(access, (one) => one.hookUrl === hookUrl))?.id ??
        null
      if (id !== null) await deleteWebhook(access, id)
    },
    consent: deauthorize,
  }
  const left: string[] = []
  for (const [name, step] of Object.entries(steps)) {
    await step().catch(() => left.push(name))
  }
  return left
}

async function hookSecret(held: Held): Promise<string> {
  const known = held.current.secrets!.hookSecret
  if (known !== null) return known
  const made = randomBytes(32).toString('hex')
  const { secrets } = held.current
  await held.save({ secrets: { ...secrets!, hookSecret: made, secured: null } })
  return made
}

async function webhook(held: Held, secret: string, { access, hookUrl }: Parts): Promise<string> {
  const { webhookId, secrets } = held.current
  const found =
    (await findWebhook(access, (one) => one.hookUrl === hookUrl)) ??
    // Made when we had another PUBLIC_URL.
    (webhookId && (await findWebhook(access, ({ id }) => id === webhookId)))
  const id = found ? found.id : await createWebhook(access, { hookUrl, secret })
  const isRight = found ? found.hookUrl === hookUrl && secrets!.secured === id : true
  if (!isRight) await updateWebhook(access, id, { hookUrl, secret })
  await held.save({ webhookId: id, secrets: { ...held.current.secrets!, secured: id } })
  return id
}

async function subscription(held: Held, webhookId: string, access: Access): Promise<void> {
  const { target } = held.current.secrets!
  const wanted = { webhookId, states: callStates, target }
  const find = (matches: (one: Subscription) => boolean) =>
    findSubscription(access, (one) => one.webhookId === webhookId && matches(one))
  const found = await find((one) => sameTarget(one.target, target))
  if (found && !isWhole(found)) await updateSubscription(access, found.id, wanted)
  const id = found ? found.id : await createSubscription(access, wanted)
  const { subscriptionId: earlier } = held.current
  await held.save({ subscriptionId: id })
  // Of another target, before somebody connected again.
  if (earlier !== null && earlier !== id && (await find((one) => one.id === earlier))) {
    await deleteSubscription(access, earlier)
  }
}

/** The whole company is no target, and is shown as one that is nobody's. */
function sameTarget(one: Target | null, wanted: Target | null): boolean {
  if (wanted === null) return one === null || ['company', 'unknown'].includes(one.type)
  return one?.type === wanted.type && one.id === wanted.id
}

function isWhole({ enabled, groupCallsOnly, states }: Subscription): boolean {
  if (!enabled || groupCallsOnly) return false
  return states.includes('all') || callStates.every((state) => states.includes(state))
}
