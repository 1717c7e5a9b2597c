import { repeatedly } from './repeatedly.ts'
import type { FastifyInstance } from 'fastify'

const everyMs = 3_600_000

/** Notes every hour how far the logs go: whoever asks for a time later need not begin with the first event. */
export function setMilestones(app: FastifyInstance, { now }: { now: () => number }): void {
  repeatedly(app, { everyMs, name: 'setting milestones' }, () =>
    app.journal.setMilestones(new Date(now()).toISOString()),
  )
}
