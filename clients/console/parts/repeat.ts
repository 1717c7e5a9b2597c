import { useEffect, useRef } from 'preact/hooks'

/** Does it again and again while somebody looks at the page; `everyMs` null: not at all. */
export function useRepeat(everyMs: number | null, action: () => void): void {
  const latest = useRef(action)
  latest.current = action
  useEffect(() => {
    if (everyMs === null) return undefined
    const timer = setInterval(() => document.hidden || latest.current(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
