import { CodedError } from '@switchhook/shared/errors'
import type { ClientData } from '@switchhook/shared/messages'
import type { Asker, RequestId } from './contract.ts'

/** Says how the user is, or asks how others are. */
export function presence(session: Asker, data: ClientData<'presence'>, id: RequestId): void {
  const { app, sub } = session.principal
  if ('get' in data) {
    const agents = data.get.map((name) => name.replace(/^agent:/, ''))
    return session.send('presence', { set: session.door.presence.get(app, agents), del: [] }, id)
  }
  session.door.presence.say(app, sub, data)
  session.send('ack', {}, id)
}

/** The client shows everything up to a number. */
export function seen(session: Asker, { seq }: ClientData<'ack'>): void {
  if (seq > session.feed.position) {
    throw new CodedError('bad_frame', { args: ['data.seq is beyond the last event'] })
  }
  const { app, sub } = session.principal
  session.door.presence.seen(app, sub, seq)
}
