import { useEffect } from 'preact/hooks'

const halfBeatMs = 500

/**
 * Lets the lamps of ringing calls pulse once a second, all in one rhythm: a class on the page, not an animation per
 * lamp, so that a wall full of ringing calls costs two repaints a second. Those who want no motion get none.
 */
export function useBeat(): void {
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)')
    const { classList } = document.documentElement
    const timer = setInterval(
      () => classList.toggle('dim', !still.matches && !classList.contains('dim')),
      halfBeatMs,
    )
    return () => clearInterval(timer)
  }, [])
}
