import { CodedError } from '@switchhook/shared/errors'
import { channelFor, refusalOf, showsCalls } from '../channels.ts'
import type { ClientData } from '@switchhook/shared/messages'
import type { ControlFrames } from '@switchhook/shared/protocol'
import type { Principal } from '@switchhook/plugins/auth'
import type { Asker, RequestId } from './contract.ts'

type Denied = NonNullable<ControlFrames['subscribed']['denied']>

/** What a client may watch of what it asked for, and why not the rest. */
export interface Asked {
  readonly channels: readonly string[]
  readonly denied: Denied
}

/** Adds channels to what the client watches: `subscribed`, then a replay or a snapshot, then live events. */
export async function subscribe(
  session: Asker,
  { channels: names, cursor, snapshot = 'auto', events }: ClientData<'subscribe'>,
  id: RequestId,
): Promise<void> {
  const { principal, subscription } = session
  const { channels, denied } = sort(names, principal)
  const added = channels.filter((channel) => !subscription.channels.includes(channel))
  const all = [...subscription.channels, ...added]
  refuseTooMany(session, all)
  const refused = denied.length > 0 && { denied }
  session.send('subscribed', { channels: [...channels], ...refused, head: session.head }, id)
  const wanted = {
    channels: all,
    events: events ?? subscription.events,
    everyEvent: snapshot === 'never' || !session.modern,
  }
  const shown = snapshot === 'auto' && cursor === undefined && added.some(showsCalls)
  if (snapshot === 'always' || shown) return session.subscribe(wanted, 'snapshot')
  await session.subscribe(wanted, cursor === undefined ? 'follow' : { cursor })
}

/** Takes channels away. */
export async function unsubscribe(
  session: Asker,
  { channels: names }: ClientData<'unsubscribe'>,
  id: RequestId,
): Promise<void> {
  const { principal, subscription } = session
  const gone = new Set(names.map((name) => channelFor(name, principal)))
  const channels = subscription.channels.filter((channel) => !gone.has(channel))
  session.send('unsubscribed', { channels: [...gone], head: session.head }, id)
  await session.subscribe({ ...subscription, channels }, 'follow')
}

/** Tells what a principal may watch from what it may not. */
export function sort(names: readonly string[], principal: Principal): Asked {
  const channels = new Set<string>()
  const denied: Denied = []
  for (const name of names) {
    const channel = channelFor(name, principal)
    const code = refusalOf(channel, principal)
    if (code === null) channels.add(channel)
    else denied.push({ channel: name, code })
  }
  return { channels: [...channels], denied }
}

function refuseTooMany({ door }: Asker, channels: readonly string[]): void {
  const most = door.limits.subscriptions
  if (channels.length > most) throw new CodedError('too_many_subscriptions', { args: [most] })
}
