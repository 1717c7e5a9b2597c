import type { ClientData } from '@switchhook/shared/messages'
import type { Asker, RequestId } from './contract.ts'

/** Of all who claim an action on a call at once exactly one is granted it, until the call ends or the time is over. */
export async function claim(
  session: Asker,
  { call, action, ttlMs }: ClientData<'claim'>,
  id: RequestId,
): Promise<void> {
  const { granted, by } = await session.door.claims.claim({
    app: session.principal.app,
    call,
    action,
    by: session.clientId,
    ...(ttlMs !== undefined && { ttlMs }),
  })
  session.send('claimed', { call, action, granted, ...(!granted && { by }) }, id)
}

/** Gives a claim back. */
export async function release(
  session: Asker,
  { call, action }: ClientData<'release'>,
  id: RequestId,
): Promise<void> {
  const { app } = session.principal
  await session.door.claims.release({ app, call, action, by: session.clientId })
  session.send('ack', {}, id)
}
