import { createReadStream } from 'node:fs'
import { addAbortSignal, type Readable } from 'node:stream'
import { importStore } from '@switchhook/shared/transfer'
import { command } from '../command.ts'
import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { inWords, moving } from '../store/moving.ts'
import { withStore } from '../store/open.ts'

/** Fills an empty store with what `export` wrote. */
export const importCommand = command({
  summary: 'Fills an empty store with an export; - reads standard input.',
  words: '<file|->',
  flags: {},
  async run({ words, environment, out }) {
    const file = fileOf(words)
    return withStore(environment, async ({ store, place }) => {
      const failing = {
        failed: `${file} cannot be imported into ${place}`,
        left: 'Nothing was imported.',
      }
      const moved = await moving('rows imported', failing, (watch) =>
        importStore(store, octetsOf(file, watch.signal), watch),
      )
      const text = `imported into ${place}: ${inWords(moved)}`
      out.result(text, { ok: true, store: place, file, ...moved })
      out.say(reminder)
      return exitCodes.ok
    })
  },
})

const reminder = `
Raw deliveries are sealed: keep the SECRETS_KEY of before. A store in a directory has it in DATA_DIR/secrets, together
with JWT_SECRET and INTERNAL_API_SECRET. Processes that run on the new store already must be started again.`

function fileOf([file, ...others]: readonly string[]): string {
  if (file === undefined) throw new UsageError("'import' needs the file that 'export' wrote, or -")
  if (others.length > 0) throw new UsageError(`'import' takes one file, and no '${others[0]}'`)
  return file
}

async function* octetsOf(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file)
  addAbortSignal(signal, stream)
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    signal.throwIfAborted()
    throw new Failure(
      `${file} cannot be read: ${(error as Error).message}`,
      'Nothing was imported.',
    )
  }
}
