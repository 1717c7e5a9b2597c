import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { connect, type Clock, type ConnectionState, type Snapshot } from '@switchhook/browser'
import type { ServerFrame } from '@switchhook/shared/protocol'
import type { Test } from 'tap'
import { connected, head, snapshot } from './frames.ts'

type Options = Parameters<typeof connect>[0]

export const deadlineMs = 60_000

/** Hands out what happens in the order it happens, to whoever waits for it. */
class Queue<Item> {
  readonly #items: Item[] = []
  #wake = (): void => {}

  push(item: Item): void {
    this.#items.push(item)
    this.#wake()
  }

  async next(what: string): Promise<Item> {
    const deadline = AbortSignal.timeout(deadlineMs)
    while (this.#items.length === 0) {
      if (deadline.aborted) throw new Error(`no ${what} within ${deadlineMs} ms`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return this.#items.shift()!
  }

  get waiting(): number {
    return this.#items.length
  }
}

/** What a client says. */
interface Message {
  readonly type: string
  readonly id?: number | string
  readonly data: Record<string, unknown>
}

/** The hub's side of one socket. */
interface Guest {
  readonly socket: WebSocket
  readonly url: string
  readonly protocols: string
  readonly messages: Queue<Message>
  say(...frames: ServerFrame[]): void
}

interface Hub {
  readonly url: string
  /** The next socket. */
  guest(): Promise<Guest>
  /** The headers of the next question to `/api/ws/check`. */
  question(): Promise<IncomingHttpHeaders>
  /** Whether handshakes are answered, and what the check route says. */
  readonly script: { shut: boolean; check: object }
}

/** A server that speaks the protocol as the test tells it to. */
export async function startHub(t: Test): Promise<Hub> {
  const script: Hub['script'] = { shut: false, check: { ok: true, code: 'ok' } }
  const guests = new Queue<Guest>()
  const questions = new Queue<IncomingHttpHeaders>()
  const http = createServer(({ headers }, response) => {
    questions.push(headers)
    response.end(JSON.stringify(script.check))
  })
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => 'switchhook.v1' })
  http.on('upgrade', (request, socket, head) => {
    if (script.shut) socket.destroy()
    else
      server.handleUpgrade(request, socket, head, (guest) =>
        server.emit('connection', guest, request),
      )
  })
  server.on('connection', (socket, request) => {
    const messages: Guest['messages'] = new Queue()
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
    guests.push({
      socket,
      messages,
      url: request.url!,
      protocols: request.headers['sec-websocket-protocol']!,
      say: (...frames) => frames.forEach((frame) => socket.send(JSON.stringify(frame))),
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate()
    http.close()
    http.closeAllConnections()
  })
  const { port } = http.address() as { port: number }
  return {
    url: `ws://127.0.0.1:${port}/ws/call`,
    guest: () => guests.next('socket'),
    question: () => questions.next('question'),
    script,
  }
}

/** A clock that stands still until the test moves it. */
function handClock(chance = 0.5): Clock & { advance(ms: number): void; readonly pending: number } {
  const timers = new Set<{ at: number; run: () => void }>()
  let now = 0
  return {
    now: () => now,
    random: () => chance,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      now += ms
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        if (timers.delete(timer)) timer.run()
      }
    },
    get pending() {
      return timers.size
    },
  }
}

/** A client, and all that it was told. */
export interface Seen {
  readonly states: Queue<ConnectionState>
  readonly events: number[]
  readonly snapshots: Snapshot[]
  readonly clock: ReturnType<typeof handClock>
  readonly connection: ReturnType<typeof connect>
  /** Resolves when this event was told. */
  heard(seq: number): Promise<void>
  /** Skips states until this one. */
  state<Name extends ConnectionState['name']>(name: Name): Promise<ConnectionState & { name: Name }>
}

/** Connects with a clock that the test moves. */
export function client(t: Test, url: string, options: Partial<Options> = {}): Seen {
  const states = new Queue<ConnectionState>()
  const events: number[] = []
  const news = new Queue<number>()
  const snapshots: Snapshot[] = []
  const clock = handClock()
  const connection = connect({
    token: 'a.b.c',
    clock,
    onState: (state) => states.push(state),
    onEvent({ seq }) {
      events.push(seq)
      news.push(seq)
    },
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    ...options,
    url,
  })
  t.teardown(() => connection.close())
  return {
    states,
    events,
    snapshots,
    clock,
    connection,
    async heard(seq) {
      while (!events.includes(seq)) await news.next(`event ${seq}`)
    },
    async state<Name extends ConnectionState['name']>(name: Name) {
      for (;;) {
        const state = await states.next(`state ${name}`)
        if (state.name === name) return state as ConnectionState & { name: Name }
      }
    },
  }
}

/** A client that is live at 5 of epoch k7. */
export async function live(t: Test, options: Partial<Options> = {}) {
  const hub = await startHub(t)
  const me = client(t, hub.url, options)
  const guest = await hub.guest()
  guest.say(connected('k7:5'), snapshot(5), head(5))
  await me.state('live')
  return { hub, me, guest }
}
