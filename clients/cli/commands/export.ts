import { exportStore, type Watch, type Write } from '@switchhook/shared/transfer'
import { command } from '../command.ts'
import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { writeWhole } from '../store/draft.ts'
import { inWords, moving } from '../store/moving.ts'
import { withExistingStore } from '../store/open.ts'

/** Writes everything the store holds into a file, for `import`. */
export const exportCommand = command({
  summary: 'Writes everything the store holds as lines of JSON, to move it with import.',
  words: '[file]',
  flags: {},
  async run({ words, environment, out }) {
    const file = fileOf(words)
    return withExistingStore(environment, async ({ store, place }) => {
      const move = (write: Write, watch: Watch) => exportStore(store, write, watch)
      const failing = {
        failed: `${place} cannot be exported`,
        left: file === null ? 'Standard output has no complete export.' : 'Nothing was written.',
      }
      const moved = await moving('rows exported', failing, (watch) =>
        file === null
          ? move((octets) => writeOut(octets, watch.signal), watch)
          : writeWhole(file, (write) => move(write, watch)),
      )
      const text = `exported ${place}: ${inWords(moved)}`
      // The export itself has stdout.
      if (file !== null) out.result(text, { ok: true, store: place, file, ...moved })
      else if (!out.json) out.complain(text)
      return exitCodes.ok
    })
  },
})

function fileOf([file = '-', ...others]: readonly string[]): string | null {
  if (others.length > 0) throw new UsageError(`'export' takes one file, and no '${others[0]}'`)
  return file === '-' ? null : file
}

/** Resolves when stdout has passed it on: whoever reads it slowly slows us down. */
function writeOut(octets: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', giveUp, { once: true })
    process.stdout.write(octets, (error) => {
      signal.removeEventListener('abort', giveUp)
      if (error) reject(new Failure(`standard output takes no more: ${error.message}`))
      else resolve()
    })
  })
}
