import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'

/** Rows above and below the screen that exist all the same, so that scrolling shows no holes. */
const spare = 12

interface Range {
  readonly first: number
  readonly last: number
  /** Pixels that stand for the rows that do not exist. */
  readonly before: number
  readonly after: number
}

/** Which of `count` rows of one height are on screen. */
export function useWindow(body: RefObject<HTMLElement | null>, count: number): Range {
  const [height, setHeight] = useState(36)
  const [view, setView] = useState({ from: 0, to: rowsIn(innerHeight, 36) })

  const look = (): void => {
    const { current } = body
    if (!current) return
    const row = current.firstElementChild?.getBoundingClientRect().height ?? 0
    if (row > 0) setHeight(row)
    const { top } = current.getBoundingClientRect()
    // In whole rows: not every pixel of scrolling is a reason to render.
    const [from, to] = [rowsIn(-top, height), rowsIn(innerHeight - top, height) + 1]
    setView((seen) => (seen.from === from && seen.to === to ? seen : { from, to }))
  }
  useLayoutEffect(look, [height, count === 0])
  useEffect(() => {
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  })

  const first = Math.max(0, Math.min(count, view.from) - spare)
  const last = Math.min(count, view.to + spare)
  return { first, last, before: first * height, after: (count - last) * height }
}

function rowsIn(pixels: number, height: number): number {
  return Math.max(0, Math.floor(pixels / height))
}

/** Brings a row into view and puts the focus on its link, which is `id`, wherever it is in the list. */
export function focusRow(id: string, index: number, count: number): void {
  const link = document.getElementById(id)
  if (link) return link.focus()
  const rows = document.querySelector('.rows')
  if (index === -1 || !rows) return
  const { top, height } = rows.getBoundingClientRect()
  scrollBy({ top: top + (height * index) / count - innerHeight / 2 })
  // The row exists after the scrolling was noticed and rendered.
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()))
}
