import { TransferError, type Moved, type Watch } from '@switchhook/shared/transfer'
import { exitCodes, Failure } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { Progress } from './progress.ts'

/** For a store that is asked, or a reader that holds on to our stdout, once we are asked to end. */
const patienceMs = 2_000

/** How a move that did not succeed is told. */
interface Failing {
  /** `x cannot be exported`, before the reason. */
  readonly failed: string
  /** What is left behind. */
  readonly left: string
}

/**
 * Watches a move: counts on a terminal, and gives it up when we are asked to end.
 * @param counted what is counted, e.g. `rows exported`
 * @throws Failure in plain words
 */
export async function moving(
  counted: string,
  { failed, left }: Failing,
  move: (watch: Watch) => Promise<Moved>,
): Promise<Moved> {
  const signal = interruption()
  const progress = new Progress(counted)
  try {
    return await move({ signal, onRows: (count) => progress.reach(count) })
  } catch (error) {
    if (error === signal.reason) throw new Failure('interrupted', left)
    throw error instanceof TransferError ? new Failure(`${failed}: ${error.message}`, left) : error
  } finally {
    progress.end()
  }
}

/** Listens to the end of the process: stdout reports its failure as a signal, after the move has failed of it. */
function interruption(): AbortSignal {
  const interrupted = new AbortController()
  onInterruption(() => {
    interrupted.abort()
    // Fires only if something still keeps us here.
    setTimeout(() => process.exit(exitCodes.failed), patienceMs).unref()
  })
  return interrupted.signal
}

/** What moved, for people: `12 events, 14 deliveries …`. */
export function inWords({ epoch, migration, rows }: Moved): string {
  const counts = Object.entries(rows).map(([table, count]) => `${table} ${count}`)
  return `${counts.join(', ')} (epoch ${epoch}, migration ${migration.id})`
}
