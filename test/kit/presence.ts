import { openPresenceRows } from '@switchhook/shared/presence'
import { openPresence, type OpenPresence } from '@switchhook/services/event-hub/presence'
import type { Store } from '@switchhook/shared/database'
import type { PresenceEntry } from '@switchhook/shared/protocol'

/** A clock that stands until it is told otherwise, Unix milliseconds. */
export interface Clock {
  now: number
}

export interface PresenceHub extends OpenPresence {
  /** What it warned of. */
  readonly warnings: string[]
}

export const graceMs = 15_000

/** The presence of a hub whose turns a test takes. */
export function presenceHub(store: Store, clock: Clock): PresenceHub {
  const warnings: string[] = []
  const log = {
    warn: (_: unknown, message?: string) => void warnings.push(message!),
    info: () => {},
  }
  const rows = openPresenceRows(store)
  return { ...openPresence({ rows, graceMs, log, now: () => clock.now }), warnings }
}

/** A second passes for each of the hubs, so many times. */
export async function seconds(
  count: number,
  clock: Clock,
  hubs: readonly OpenPresence[],
): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    clock.now += 1_000
    for (const hub of hubs) await hub.turn()
  }
}

/** What changed, until `enough` says so; keys that went are undefined. */
export async function changes(
  hub: OpenPresence,
  app: string,
  enough: (seen: Record<string, PresenceEntry | undefined>) => boolean,
): Promise<Record<string, PresenceEntry | undefined>> {
  const seen: Record<string, PresenceEntry | undefined> = {}
  const done = Promise.withResolvers<void>()
  const timer = setTimeout(() => done.reject(new Error(JSON.stringify(seen))), 30_000)
  const end = hub.watch(app, ({ set, del }) => {
    Object.assign(seen, set)
    for (const agent of del) seen[agent] = undefined
    if (enough(seen)) done.resolve()
  })
  await done.promise.finally(() => {
    clearTimeout(timer)
    end()
  })
  return seen
}
