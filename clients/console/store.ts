import { connect, type Connection, type ConnectionState } from '@switchhook/browser'
import { useLayoutEffect, useReducer } from 'preact/hooks'
import { Board } from './live/board.ts'
import { hubNow, setHubTime } from './parts/time.ts'
import type { EventFrame } from '@switchhook/shared/events'

/** In a hidden tab there are no animation frames; its title still counts. */
const hiddenMs = 1_000
const sweepMs = 1_000
/** More events than this between two sweeps: no more fading. */
const rushEvents = 30

/** The page's copy of what the hub says, and the connection that keeps it so. */
export class Store {
  readonly board = new Board()
  readonly connection: Connection
  readonly #sweeper = setInterval(() => this.#sweep(), sweepMs)
  #render = (): void => {}
  #scheduled = false
  /** Since the last sweep. */
  #events = 0
  /** When the connection came to its present state, Unix milliseconds. */
  stateSince = Date.now()
  /** Since when the board may no longer be true; null while it is, and before there was anything on it. */
  trueUntil: number | null = null
  /** Calls that came while the page was live, counted for those who listen. */
  arrivals = 0
  /** When an event came here, by the hub's clock; none is kept longer than its frame. */
  readonly arrivedAt = new WeakMap<EventFrame, number>()
  /** The providers that tell nothing though they usually do, and what the hub says of it. */
  readonly silent = new Map<string, string>()
  /** The call that is open: it stays on the board. */
  open: string | null = null
  /** Someone points at a row: no row may leave from under the pointer. */
  steady = false

  constructor(token: string) {
    this.connection = connect({
      // Relative, so that it works under any path a front proxy gives the page.
      url: new URL('ws/call', document.baseURI),
      token,
      onState: (state) => {
        this.stateSince = Date.now()
        if (state.name === 'live') this.trueUntil = null
        else if (this.board.loaded) this.trueUntil ??= this.stateSince
        this.#schedule()
      },
      onSnapshot: (snapshot) => {
        this.board.snapshot(snapshot)
        this.#schedule()
      },
      onEvent: (frame) => {
        this.#events += 1
        if (!frame.replay) this.arrivedAt.set(frame, hubNow())
        this.silent.delete(frame.data.call?.provider ?? '')
        if (this.board.event(frame, hubNow()) && !frame.replay) this.arrivals += 1
        this.#schedule()
      },
      onHead: ({ time }) => setHubTime(time),
    })
    this.connection.on('notice', ({ code, text }) => {
      // The text begins with the provider's name; there are a handful of them.
      if (code === 'provider-silent') this.silent.set(text.split(' ', 1)[0]!, text)
      this.#schedule()
    })
  }

  get state(): ConnectionState {
    return this.connection.state
  }

  /** Renders once per animation frame, however many events came in it. */
  follow(render: () => void): () => void {
    this.#render = render
    return () => (this.#render = () => {})
  }

  close(): void {
    clearInterval(this.#sweeper)
    this.connection.close()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const run = (): void => {
      this.#scheduled = false
      this.#render()
    }
    if (document.hidden) setTimeout(run, hiddenMs)
    else requestAnimationFrame(run)
  }

  #sweep(): void {
    document.documentElement.classList.toggle('rush', this.#events > rushEvents)
    this.#events = 0
    if (!this.steady && this.board.sweep(hubNow(), this.open)) this.#schedule()
  }
}

/** Renders the component whenever the store has something new. */
export function useStore(store: Store | null): void {
  const [, render] = useReducer((count: number) => count + 1, 0)
  // Before the browser can get to anything else: what the connection says meanwhile must not be lost.
  useLayoutEffect(() => store?.follow(() => render(undefined)), [store])
}
