import { EventEmitter, once } from 'node:events'
import { Redis } from 'ioredis'
import { openRedisBus, type Bus } from '@switchhook/shared/bus'
import { parseRedisUrl } from '@switchhook/shared/redis'
import { Inbox } from './inbox.ts'
import { startRedis, type RedisServer } from './redis.ts'
import type { Lifetime } from './postgres.ts'

type Report = 'away' | 'back' | 'skipped' | 'error'

const deadlineMs = 60_000

/** What a bus reported so far. */
export class Reports {
  readonly away: string[] = []
  readonly back: true[] = []
  readonly skipped: { reason: string; count: number }[] = []
  readonly error: unknown[] = []
  readonly #changed = new EventEmitter()

  add<Name extends Report>(name: Name, report: Reports[Name][number]): void {
    const list = this[name] as (typeof report)[]
    list.push(report)
    this.#changed.emit('report')
  }

  /** Resolves when there are `count` of these. @throws after a deadline */
  async have(name: Report, count: number): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs)
    while (this[name].length < count) await once(this.#changed, 'report', { signal })
  }
}

/** Opens a bus that closes with the test. */
export async function openBus(
  lifetime: Lifetime,
  url: string,
): Promise<{ bus: Bus; reports: Reports }> {
  const parsed = parseRedisUrl(url)
  if (!('target' in parsed)) throw new Error(`${url} ${parsed.reason}`)
  const reports = new Reports()
  const bus = await openRedisBus(parsed.target, {
    onError: (error) => reports.add('error', error),
    onAway: ({ message }) => reports.add('away', message),
    onBack: () => reports.add('back', true),
    onSkipped: (reason, count) => reports.add('skipped', { reason, count }),
  })
  lifetime.teardown(() => bus.close())
  return { bus, reports }
}

/** A server of the test's own, and two processes' worth of bus on it through which messages flow. */
export async function flowing(lifetime: Lifetime) {
  const server = await startRedis(lifetime)
  const publisher = await openBus(lifetime, server.url)
  const subscriber = await openBus(lifetime, server.url)
  const inbox = new Inbox(subscriber.bus)
  await inbox.flows(publisher.bus)
  return { server, publisher, subscriber, inbox, raw: rawClient(lifetime, server) }
}

/** Another program on the same server. */
export function rawClient(lifetime: Lifetime, { port }: RedisServer, password?: string): Redis {
  const redis = new Redis({
    port,
    ...(password && { password }),
    retryStrategy: () => null,
    disconnectTimeout: 0,
  })
  redis.on('error', () => {})
  lifetime.teardown(() => redis.disconnect())
  return redis
}
