import { Drain, type Revive } from './drain.ts'
import { PatientJournal, type OnAppended } from './patience.ts'
import type { Journal } from '@switchhook/shared/journal'
import type { Spool } from './index.ts'

interface Options {
  readonly revive: Revive
  readonly onAppended: OnAppended
  readonly onFailure: (error: unknown) => void
  readonly stopping: AbortSignal
}

/** Moves a spool that another process left behind into the journal, and gives it back; what is left stays there. */
export async function drainAbandoned(
  journal: Journal,
  spool: Spool,
  { revive, onAppended, onFailure, stopping }: Options,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const patient = new PatientJournal(journal, onAppended)
  const drain = new Drain({ spool, journal: patient, revive, onFailure, onEmpty: resolve })
  const stop = (): void => resolve()
  stopping.addEventListener('abort', stop)
  if (stopping.aborted) resolve()
  else drain.start()
  await promise
  stopping.removeEventListener('abort', stop)
  await drain.stop()
  await spool.close()
}
