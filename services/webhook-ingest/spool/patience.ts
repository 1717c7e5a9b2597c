import type { Appended, Journal, NewDelivery } from '@switchhook/shared/journal'

/** Told what became of a delivery that was answered before it was in the journal. */
export type OnAppended = (app: string, appended: Appended) => void

/** So many appends may be without an answer; then the store is asked nothing more until one of them has it. */
const maxUnanswered = 4

/** A journal that is waited for a while and no longer. What it does later counts, and is told. */
export class PatientJournal {
  readonly #journal: Journal
  readonly #onAppended: OnAppended
  #unanswered = 0

  constructor(journal: Journal, onAppended: OnAppended) {
    this.#journal = journal
    this.#onAppended = onAppended
  }

  /** See `Journal.append`. @throws ETIMEDOUT if it takes longer; the batch may still be committed then */
  append(batch: readonly NewDelivery[], patienceMs: number): Promise<readonly Appended[]> {
    if (this.#unanswered >= maxUnanswered) return Promise.reject(overdue('earlier batches'))
    return new Promise((resolve, reject) => {
      let late = false
      const timer = setTimeout(() => {
        late = true
        this.#unanswered += 1
        reject(overdue(`a batch within ${patienceMs} ms`))
      }, patienceMs)
      const answered = (settle: () => void): void => {
        clearTimeout(timer)
        if (late) this.#unanswered -= 1
        settle()
      }
      this.#journal.append(batch).then(
        (appended) => answered(() => (late ? this.tell(batch, appended) : resolve(appended))),
        // Whoever was too late has been given up already.
        (error: unknown) => answered(() => reject(error)),
      )
    })
  }

  tell(batch: readonly NewDelivery[], appended: readonly Appended[]): void {
    for (const [index, one] of appended.entries()) this.#onAppended(batch[index]!.app, one)
  }
}

function overdue(what: string): Error {
  return Object.assign(new Error(`the store did not answer ${what}`), { code: 'ETIMEDOUT' })
}
