import { Counter, Gauge } from 'prom-client'
import { openResealing } from '@switchhook/shared/sealing'
import { repeatedly } from './repeatedly.ts'
import { sealedTables as tables } from './sealed.ts'
import type { FastifyInstance } from 'fastify'

const everyMs = 60_000

/** Brings what older keys of `SECRETS_KEY` sealed to the first one, and tells when they may go. */
export function reseal(app: FastifyInstance, { now }: { readonly now: () => number }): void {
  const { store, sealing, log, metrics, health } = app
  const registers = [metrics]
  const resealed = new Counter({
    name: 'switchhook_resealed_total',
    help: 'Rows that were sealed with an older key and are sealed with the first one now',
    labelNames: ['table'],
    registers,
  })
  const pending = new Gauge({
    name: 'switchhook_resealing_pending',
    help: '1: something may still be sealed with an older key of SECRETS_KEY; 0: nothing is',
    registers,
  })
  pending.set(sealing.marks.length > 1 ? 1 : 0)
  const resealing = openResealing(store, sealing, { tables, now })
  let strange = ''
  health.add('sealing', {
    needed: false,
    probe: async () => {
      if (strange !== '') throw new Error(strange)
    },
  })
  const lookForStrangeKeys = async (): Promise<void> => {
    const before = strange
    const words = [...(await resealing.strangeKeys())].map(
      ([table, keys]) => `${table} (${keys.join(', ')})`,
    )
    strange = words.length === 0 ? '' : `sealed with keys not among SECRETS_KEY: ${words.join()}`
    if (strange !== '' && strange !== before) log.warn({ reason: strange }, 'a key is missing')
  }
  repeatedly(app, { everyMs, name: 're-sealing' }, async (stopping) => {
    await lookForStrangeKeys()
    const sweep = await resealing.sweep(stopping)
    for (const [table, count] of sweep.resealed) resealed.inc({ table }, count)
    pending.set(sweep.state === 'pending' ? 1 : 0)
    if (sweep.state === 'finished') log.info('all is sealed with the first key, older ones may go')
  })
}
