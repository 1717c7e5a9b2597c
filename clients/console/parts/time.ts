import { useEffect, useReducer } from 'preact/hooks'

type Tick = () => void

const listeners = new Set<Tick>()
let timer: ReturnType<typeof setInterval> | undefined
/** What the hub's clock is ahead of this one. */
let offsetMs = 0

/** The hub's time, Unix milliseconds: a laptop whose clock is wrong shows right durations all the same. */
export function hubNow(): number {
  return Date.now() + offsetMs
}

/** Learns the hub's time. */
export function setHubTime(time: string): void {
  const at = Date.parse(time)
  if (!Number.isNaN(at)) offsetMs = at - Date.now()
}

/** Renders the component once a second; all of them in the same instant, so the board ticks as one. */
export function useSeconds(): void {
  const [, render] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const tick: Tick = () => render(undefined)
    listeners.add(tick)
    timer ??= setInterval(() => listeners.forEach((listener) => listener()), 1_000)
    return () => {
      listeners.delete(tick)
      if (listeners.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }, [])
}

/** `4:07`, `1:02:09`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const tail = String(s).padStart(2, '0')
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`
}

/** `4 s`, `12 min`, `3 h`: how long ago, in one unit. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 90) return `${seconds} s`
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

/** `+84 ms`, `+1.20 s`, `+4:07`: how much later. */
export function formatOffset(ms: number): string {
  const sign = ms < 0 ? '−' : '+'
  const size = Math.abs(ms)
  if (size < 1_000) return `${sign}${size} ms`
  return size < 60_000 ? `${sign}${(size / 1_000).toFixed(2)} s` : `${sign}${formatDuration(size)}`
}

/** `14:02:33` in the reader's own time zone. */
export function formatClock(time: string, { millis = false } = {}): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  return millis ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock
}

/** `21 Sep 14:02:33` in the reader's own time zone and language; of another year it says which. */
export function formatMoment(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  const isThisYear = date.getFullYear() === new Date().getFullYear()
  const day = date.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  })
  return `${day} ${formatClock(time)}`
}

/** The time in a field or an address; empty if it is none. */
export function isoOf(text: string | null): string {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
