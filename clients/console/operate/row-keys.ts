import type { RefObject } from 'preact'
import { useKeys } from '../keys.ts'

interface Parts {
  /** Its rows are the elements with `data-row`. */
  readonly list: RefObject<HTMLElement | null>
  readonly filter?: RefObject<HTMLElement | null>
  readonly onEscape?: () => void
}

/** `j` and `k` go through the rows of a list, `/` to its filter, Esc out of it. */
export function useRowKeys({ list, filter, onEscape }: Parts): void {
  const move = (step: number): void => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const focused = rows.findIndex((row) => row.contains(document.activeElement))
    const at = focused === -1 ? rows.findIndex((row) => row.ariaCurrent !== null) : focused
    rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus()
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    '/': (event) => {
      if (!filter?.current) return
      event.preventDefault()
      filter.current.focus()
    },
    Escape: () => {
      if (filter?.current && document.activeElement === filter.current) filter.current.blur()
      else onEscape?.()
    },
  })
}
