import { Gauge } from 'prom-client'
import { sealPlace } from '@switchhook/shared/journal'
import { providerNamed } from './endpoints.ts'
import { normaliseAgain } from './normalise.ts'
import { publish } from './publish.ts'
import { unpackRaw } from './raw.ts'
import { repeatedly } from './care/repeatedly.ts'
import { drainAbandoned } from './spool/abandoned.ts'
import { openAbandonedSpools, openOwnSpool } from './spool/slots.ts'
import type { Damage, Spool, Spooled } from './spool/index.ts'
import type { NewDelivery } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'
import type { StandIn } from './commit.ts'

interface Options {
  readonly dataDir: string
  /** Bytes. */
  readonly limit: number
}

/** Deliveries that wait longer than this are worth a look, whatever keeps the store away. */
const alarmMs = 60_000

/** Processes that share a data directory may end while the store is away; the others look after what they left. */
const lookMs = 10_000

/** Opens the spool, shows in metrics and health how it does, and says how what is in it becomes events again. */
export async function openStandIn(
  app: FastifyInstance,
  { dataDir, limit }: Options,
): Promise<StandIn> {
  const given = {
    dataDir,
    limit,
    onDamage: (damage: Damage) => app.log.error(damage, 'spool damaged'),
  }
  const spool = await openOwnSpool(given)
  app.addHook('onClose', () => spool.close())
  showMetrics(app, spool)
  showHealth(app, spool)
  const standIn: StandIn = {
    spool,
    revive: (record) => revive(app, record),
    onAppended: (id, appended) => publish(app.bus, id, appended),
  }
  const onFailure = (error: unknown): void => app.log.error({ err: error }, 'drain failed')
  repeatedly(app, { everyMs: lookMs, name: 'draining abandoned spools' }, async (stopping) => {
    for (const abandoned of await openAbandonedSpools(given)) {
      await drainAbandoned(app.journal, abandoned, { ...standIn, onFailure, stopping })
    }
  })
  return standIn
}

/** @throws if it cannot be opened any more, or its provider is none any more */
function revive({ sealing }: FastifyInstance, record: Spooled): NewDelivery {
  const provider = providerNamed(record.provider)
  if (!provider) throw new Error(`there is no provider '${record.provider}'`)
  const raw = sealing.open(record.sealed, sealPlace(record.app, record.id))
  return normaliseAgain(record, provider, unpackRaw(raw))
}

function showMetrics({ metrics }: FastifyInstance, spool: Spool): void {
  const gauges: readonly (readonly [string, string, () => number])[] = [
    ['bytes', 'Bytes of deliveries that wait for the store', () => spool.bytes],
    ['deliveries', 'Deliveries that wait for the store', () => spool.records],
    ['age_seconds', 'How long the oldest of them has waited', () => ageMs(spool) / 1000],
    ['accepting', 'Whether there is room for more', () => Number(spool.accepting)],
  ]
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({
      name: `switchhook_ingest_spool_${name}`,
      help,
      registers: [],
      collect: () => gauge.set(read()),
    })
    metrics.registerMetric(gauge)
  }
}

function showHealth({ health }: FastifyInstance, spool: Spool): void {
  health.add('spool', {
    needed: false,
    probe: async () => {
      if (!spool.accepting) throw new Error('the spool takes no more: make room on its disk')
    },
  })
  // Webhooks are answered as long as one of the two takes them.
  health.standIn('store', 'spool')
  health.add('backlog', {
    needed: false,
    probe: async () => {
      if (ageMs(spool) <= alarmMs) return
      throw new Error(`${spool.records} deliveries wait for the store since ${spool.oldestAt}`)
    },
  })
}

function ageMs({ oldestAt }: Spool): number {
  return oldestAt === null ? 0 : Math.max(0, Date.now() - Date.parse(oldestAt))
}
