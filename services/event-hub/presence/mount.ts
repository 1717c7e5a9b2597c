import { openPresenceRows } from '@switchhook/shared/presence'
import { openPresence, type Presence } from './index.ts'
import type { FastifyInstance } from 'fastify'

/** Half a second each, between two exchanges with the other hubs. */
const roundsOfTurn = 2

/** Presence for the sockets of this process. */
export async function mountPresence(
  app: FastifyInstance,
  { presenceGraceSeconds }: { readonly presenceGraceSeconds: number },
): Promise<Presence> {
  const { log } = app
  const rows = openPresenceRows(app.store)
  const presence = openPresence({ rows, graceMs: presenceGraceSeconds * 1_000, log })
  // Whoever asks first is told of everybody.
  await presence.turn()
  const end = app.rounds.each(() => void presence.turn(), roundsOfTurn)
  app.addHook('onClose', async () => {
    end()
    await presence.close()
  })
  return presence
}
