import { useEffect, useReducer, useRef } from 'preact/hooks'
import type { EventName } from '@switchhook/browser'
import type { Store } from '../store.ts'

/** More than this is said as "many". */
export const maxNews = 999

/** How many such events came since the list was loaded, and how to begin counting anew. */
export function useNews(
  store: Store | null,
  names: readonly EventName[],
): readonly [count: number, reset: () => void] {
  const count = useRef(0)
  const [, render] = useReducer((round: number) => round + 1, 0)
  const set = (value: number): void => {
    if (value === count.current) return
    count.current = value
    render(undefined)
  }
  useEffect(() => {
    const ends = names.map((name) =>
      store?.connection.on(name, () => set(Math.min(maxNews, count.current + 1))),
    )
    return () => ends.forEach((end) => end?.())
  }, [store])
  return [count.current, () => set(0)]
}

/** `3 new calls`. */
export function newsText(count: number, one: string): string {
  return `${count === maxNews ? 'many' : count} new ${count === 1 ? one : `${one}s`}`
}
