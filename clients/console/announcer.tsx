import { useEffect, useRef, useState } from 'preact/hooks'
import { describeState } from './session/pill.tsx'
import { countCalls } from './live/select.ts'
import type { ConnectionState } from '@switchhook/browser'
import type { Store } from './store.ts'

/** A screen reader is told at most this often: more than that nobody can listen to. */
const pauseMs = 3_000

/** States whose words count up or down are said once. */
const hasNumbers = ({ name }: ConnectionState): boolean =>
  name === 'reconnecting' || name === 'catching-up'

interface AnnouncerProps {
  readonly store: Store | null
  /** Of the page that is open. */
  readonly title: string
}

/** Names the tab, and says what is new to those who do not see it. */
export function Announcer({ store, title }: AnnouncerProps) {
  const ringing = store ? countCalls(store.board.calls).ringing : 0
  useEffect(() => {
    document.title = ringing > 0 ? `(${ringing} ringing) Switchhook` : `${title} · Switchhook`
  }, [ringing, title])
  return store && <LiveAnnouncer store={store} ringing={ringing} />
}

/** Says new calls and changes of the connection to those who do not see them. */
function LiveAnnouncer({ store, ringing }: { store: Store; ringing: number }) {
  const [said, say] = useState('')
  const heard = useRef({ arrivals: 0, at: 0 })
  const { arrivals, state } = store

  useEffect(() => {
    if (arrivals === heard.current.arrivals) return undefined
    const timer = setTimeout(
      () => {
        const fresh = arrivals - heard.current.arrivals
        heard.current = { arrivals, at: Date.now() }
        say(`${fresh} new ${fresh === 1 ? 'call' : 'calls'}, ${ringing} ringing`)
      },
      Math.max(0, heard.current.at + pauseMs - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [arrivals])

  return (
    <>
      <p class="unseen" role="status">
        {hasNumbers(state) ? state.name : describeState(state)}
      </p>
      <p class="unseen" aria-live="polite">
        {said}
      </p>
    </>
  )
}
