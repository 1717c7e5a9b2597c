import type { Bus } from '@switchhook/shared/bus'
import type { Appended } from '@switchhook/shared/journal'

/** Hints at committed events on the bus; whoever misses the hint finds them in the journal. */
export function publish(bus: Bus, app: string, appended: Appended): void {
  if (appended.status === 'accepted' && appended.rows.length > 0) bus.publish(app, appended.rows)
}
