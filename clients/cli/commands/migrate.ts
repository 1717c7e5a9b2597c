import { historyOf } from '@switchhook/shared/database'
import { command } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { withStore } from '../store/open.ts'

/** Brings the schema of the store up to date, as every start does. */
export const migrate = command({
  summary: 'Brings the schema of the store up to date; every start does the same.',
  flags: {},
  run: ({ environment, out }) =>
    withStore(environment, async ({ store, place }) => {
      const { steps, before } = await historyOf(store)
      const applied = steps.slice(before)
      const [from, to] = [steps[before - 1]?.id ?? 0, steps.at(-1)!.id]
      const names = applied.map(({ id, name }) => `${id} (${name})`).join(', ')
      const text =
        applied.length === 0
          ? `${place} is up to date at migration ${to}`
          : `${place} went from migration ${from} to ${to}: ${names}`
      out.result(text, { ok: true, store: place, from, to, applied })
      return exitCodes.ok
    }),
})
