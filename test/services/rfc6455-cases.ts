import { build, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import {
  close,
  exchange,
  handshake,
  opcodes,
  readFrames,
  text,
  type Answer,
  type ServerFrame,
} from '../kit/raw-websocket.ts'
import { until } from '../kit/until.ts'
import type { Test } from 'tap'

/** What a client sends on an open socket, and all that it hears. */
export interface FrameCase {
  readonly name: string
  /** Segments. */
  readonly sends: readonly Buffer[]
  /** What comes before the end, in order; see {@link said}. */
  readonly hears?: readonly string[]
  /** The server's close frame; if not given, the socket is to live on. */
  readonly closes?: string
}

/** A suite that is looked at once more when its cases are over. */
export async function hub(t: Test): Promise<Suite> {
  const errors: string[] = []
  const log = (line: string): void => {
    const { level } = JSON.parse(line) as { level: number }
    if (level >= 50) errors.push(line)
  }
  const suite = await build(t, { log })
  t.teardown(async () => {
    const { url, token } = suite
    const client = await connect(url, { token, modern: true })
    client.say({ type: 'ping', id: 'still here' })
    const { id } = await client.nextNamed('pong')
    await client.close()
    await until(async () => /^switchhook_hub_sockets 0$/m.test(await metricsOf(url))).catch(() =>
      t.fail('the hub holds a socket'),
    )
    if (id !== 'still here') t.fail('the hub no longer serves')
    for (const line of errors) t.fail(`the log tells of an error: ${line}`)
  })
  return suite
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(new URL('/metrics', url))).text()
}

/** The handshake of a client with its credential. */
export function hello({ token }: Suite, headers: Record<string, string | null> = {}): Buffer {
  const usual = { Authorization: `Bearer ${token}`, 'Sec-WebSocket-Protocol': 'switchhook.v1' }
  return handshake({ headers: { ...usual, ...headers } })
}

/** A question that comes back as `pong <id>`; as long as given, in bytes. */
export function ask(id: string | number, bytes = 0): string {
  const message = JSON.stringify({ type: 'ping', id })
  return message + ' '.repeat(Math.max(0, bytes - Buffer.byteLength(message)))
}

/** Runs a table, one socket a case. */
export function frameCases(t: Test, suite: Suite, cases: readonly FrameCase[]): void {
  for (const { name, sends, hears = [], closes } of cases) {
    t.test(name, async (t) => {
      // Whoever lives on answers a last question; the close frame ends it, or confirms the server's.
      const next = [...sends, text(ask('still here')), close(1000)]
      const answer = await exchange(suite.url, { opening: [hello(suite)], next })
      const end =
        closes === undefined ? ['pong still here', 'CLOSE 1000'] : [`CLOSE ${closes}`.trimEnd()]
      t.strictSame(said(answer), [...hears, ...end])
      t.equal(answer.end, 'end', 'the server ends the connection')
    })
  }
}

/** What the server said after `connected`, without what it says unasked. */
export function said({ status, body }: Answer): string[] {
  if (status !== 101) return [`HTTP ${status}`, body.toString()]
  const lines = readFrames(body).flatMap((frame) => lineOf(frame) ?? [])
  const [first, ...rest] = lines
  return first === 'connected' ? rest : lines
}

/** Events by name and id, errors by code, control frames in capitals. */
function lineOf({ opcode, payload }: ServerFrame): string | null {
  if (opcode === opcodes.ping) return null
  if (opcode === opcodes.pong) return `PONG ${payload.toString('latin1')}`.trimEnd()
  if (opcode === opcodes.close) {
    const code = payload.length === 0 ? '' : payload.readUInt16BE(0)
    return `CLOSE ${code} ${payload.toString('utf8', 2)}`.trimEnd()
  }
  const { event, id, data } = JSON.parse(strict.decode(payload)) as Message
  if (event === 'head' || event === 'notice' || event === 'presence') return null
  const what = event === 'error' ? `error ${data.code}` : event
  return id === undefined ? what : `${what} ${id}`
}

interface Message {
  readonly event: string
  readonly id?: string | number
  readonly data: { readonly code?: string }
}

const strict = new TextDecoder('utf8', { fatal: true })
