import { renewEpoch } from '@switchhook/shared/journal'
import { command } from '../command.ts'
import { exitCodes, Failure } from '../exit-codes.ts'
import { withExistingStore } from '../store/open.ts'

/** Gives the journal a new epoch, after a backup was restored. */
export const epochRenew = command({
  summary: 'Gives the journal a new epoch, after a backup was restored: no old cursor fits it.',
  flags: {},
  run: ({ environment, out }) =>
    withExistingStore(environment, async ({ store, place }) => {
      const epoch = await renewEpoch(store)
      if (!epoch) throw new Failure(`${place} has no journal yet: no service was started on it`)
      out.result(`${place}: epoch ${epoch.before} → ${epoch.after}`, {
        ok: true,
        store: place,
        ...epoch,
      })
      out.say('Start every process on this store again: those that run keep the old epoch.')
      return exitCodes.ok
    }),
})
