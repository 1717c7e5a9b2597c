import { useSeconds } from '../parts/time.ts'
import type { ConnectionState } from '@switchhook/browser'

/** How complete the page is at this moment; it never flatters. */
export function Pill({ state, since }: { state: ConnectionState; since: number }) {
  return (
    <p class={`pill ${state.name}`} title={hintOf(state)}>
      <span class="dot" aria-hidden="true" />
      <span class="text">
        {state.name === 'reconnecting' ? (
          <Countdown until={since + state.inMs} />
        ) : (
          describeState(state)
        )}
      </span>
    </p>
  )
}

/** A state in words. */
export function describeState(state: ConnectionState): string {
  switch (state.name) {
    case 'catching-up':
      return state.count === null ? 'loading calls' : `catching up ${count(state.count)}`
    case 'refused':
      return `refused: ${[state.code, state.detail].join(' ').trim()}`
    default:
      return state.name
  }
}

function Countdown({ until }: { until: number }) {
  useSeconds()
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1_000))
  return <>reconnecting in {seconds} s</>
}

const count = (events: number): string => `${events} ${events === 1 ? 'event' : 'events'}`

function hintOf(state: ConnectionState): string {
  if (state.name === 'reconnecting') return state.why
  return state.name === 'live' ? 'The hub confirmed that nothing is missing' : ''
}
