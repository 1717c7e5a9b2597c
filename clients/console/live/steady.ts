import { useEffect, useRef, useState } from 'preact/hooks'
import type { BoardCall } from './board.ts'
import type { Store } from '../store.ts'

/** After the pointer rests or leaves, the list moves again. */
const restMs = 1_500
/** Nobody needs longer for a click: a mouse that shakes must not stop a wallboard. */
const longestMs = 8_000

interface Steady {
  readonly calls: BoardCall[]
  /** New calls that are held back. */
  readonly waiting: number
  /** Asks the list to hold still: someone is pointing at a row. */
  readonly hold: () => void
}

/** The list without surprises: while someone points at it no row moves, though each shows its newest state. */
export function useSteady(store: Store, wanted: BoardCall[], filter: string): Steady {
  const [since, setSince] = useState<number | null>(null)
  const shown = useRef<BoardCall[]>(wanted)
  const shownFilter = useRef(filter)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const release = (): void => setSince(null)
  const hold = (): void => {
    const begun = since ?? Date.now()
    if (since === null) setSince(begun)
    clearTimeout(timer.current)
    const left = begun + longestMs - Date.now()
    timer.current = setTimeout(release, Math.max(0, Math.min(restMs, left)))
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  const holding = since !== null && filter === shownFilter.current
  store.steady = holding
  const calls = holding ? refreshed(shown.current, store) : wanted
  shown.current = calls
  shownFilter.current = filter
  return { calls, waiting: holding ? newcomers(wanted, calls) : 0, hold }
}

function newcomers(wanted: readonly BoardCall[], shown: readonly BoardCall[]): number {
  const ids = new Set(shown.map(({ record }) => record.id))
  return wanted.filter(({ record }) => !ids.has(record.id)).length
}

function refreshed(calls: readonly BoardCall[], { board }: Store): BoardCall[] {
  return calls.flatMap(({ record }) => board.call(record.id) ?? [])
}
