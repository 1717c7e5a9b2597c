import { openPresenceRows } from '@switchhook/shared/presence'
import { openPresence, type Presence } from './index.ts'
import type { FastifyInstance } from 'fastify'

/** Between two exchanges with the other hubs. */
const turnMs = 1_000

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
  const timer = setInterval(() => void presence.turn(), turnMs)
  app.addHook('onClose', async () => {
    clearInterval(timer)
    await presence.close()
  })
  return presence
}
