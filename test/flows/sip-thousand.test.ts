import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { startCrowd } from '../kit/phones/crowd.ts'
import { Kamailio, withoutKamailio } from '../kit/sip/kamailio.ts'
import { startRelay } from '../kit/sip/relay.ts'
import { until } from '../kit/until.ts'
import type { FastifyInstance } from 'fastify'

const count = 1_000
/** What may be held besides when nothing leaks: code that was compiled meanwhile, caches that fill once. */
const tolerance = 16 * 1_048_576

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Footprint {
  readonly descriptors: number
  /** Sockets, timers and the like that keep the process alive. */
  readonly resources: number
}

const footprint = (): Footprint => ({
  descriptors: readdirSync('/proc/self/fd').length,
  resources: process.getActiveResourcesInfo().length,
})

function memory(): { held: number; rss: number } {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { held: heapUsed + external, rss }
}

/** All sockets that the relay says it has, on both sides. */
async function socketsOf({ metrics }: FastifyInstance): Promise<number> {
  const names = ['switchhook_sip_sockets', 'switchhook_sip_upstream_connections']
  const gauges = await Promise.all(names.map((name) => metrics.getSingleMetric(name)!.get()))
  return gauges.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0)
}

t.test(
  'a thousand phones are registered again after their registrar was killed, and leave nothing behind',
  { skip: withoutKamailio, timeout: 500_000 },
  async (t) => {
    const kamailio = await Kamailio.start(t)
    const relay = await startRelay(t, {
      targets: [kamailio.ws],
      upstream: { maxSockets: count },
      // All have the same address here.
      environment: { RATE_LIMIT_SIP_SOCKETS: '1000000' },
    })
    const crowd = startCrowd(t, { url: relay.socketUrl, count })
    const leave = async (): Promise<void> => {
      crowd.leave()
      await crowd.gone()
      await until(async () => (await socketsOf(relay.app)) === 0)
    }

    // Once around: what grows only the first time has grown.
    crowd.come()
    await crowd.registered(count)
    t.equal(await socketsOf(relay.app), 2 * count)
    t.equal((await kamailio.contacts()).size, count, 'all are registered')
    await leave()
    const before = footprint()
    const { held, rss } = memory()

    crowd.come()
    await crowd.registered(count)
    await kamailio.kill()
    await crowd.registered(0)
    await kamailio.restart()
    await crowd.registered(count)
    t.equal((await kamailio.contacts()).size, count, 'all are registered again')
    await leave()
    await until(async () => (await kamailio.connections()) <= 1)
    t.pass('the registrar has no connection left')

    await until(() => {
      const { descriptors, resources } = footprint()
      return descriptors <= before.descriptors && resources <= before.resources
    }).catch(() => t.strictSame(footprint(), before, 'no socket and no timer is left'))
    const after = memory()
    t.comment(`grown by ${after.held - held} bytes, the process by ${after.rss - rss}`)
    // What the process keeps of what was freed is its allocator's affair.
    t.ok(after.held - held < tolerance, 'nothing is held that was not before')
  },
)
