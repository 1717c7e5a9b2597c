import { CodedError } from '@switchhook/shared/errors'
import { scopeOf } from '../channels.ts'
import type { ClientData } from '@switchhook/shared/messages'
import type { Asker, RequestId } from './contract.ts'

/** Of all who claim an action on a call at once exactly one is granted it, until the call ends or the time is over. */
export async function claim(
  session: Asker,
  { call, action, ttlMs }: ClientData<'claim'>,
  id: RequestId,
): Promise<void> {
  const scope = scopeOf(session.principal)
  // Whoever cannot see a call has nothing to keep from those who can.
  if (scope !== null && !(await session.feed.belongsTo(call, scope))) {
    throw new CodedError('forbidden', { args: [`call:${call}`] })
  }
  const { granted, by } = await inStore(
    session.door.claims.claim({
      app: session.principal.app,
      call,
      action,
      by: claimantOf(session),
      ...(ttlMs !== undefined && { ttlMs }),
    }),
  )
  session.send('claimed', { call, action, granted, ...(!granted && { by }) }, id)
}

/** Gives a claim back. */
export async function release(
  session: Asker,
  { call, action }: ClientData<'release'>,
  id: RequestId,
): Promise<void> {
  const { app } = session.principal
  await inStore(session.door.claims.release({ app, call, action, by: claimantOf(session) }))
  session.send('ack', {}, id)
}

/** Client ids are unique in a process. */
function claimantOf({ door, clientId }: Asker): string {
  return `${door.node}/${clientId}`
}

/** A store that is away is no reason to lose the socket. */
async function inStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw new CodedError('unavailable', { args: ['the store', 1], retryAfter: 1, cause })
  }
}
