import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { build, temporaryDir, type Suite } from '../build.ts'
import { exchange, handshake, type Answer } from '../raw-websocket.ts'
import { until } from '../until.ts'
import type { UpstreamsFile } from '@switchhook/services/sip-proxy/upstreams'
import type { Test } from 'tap'
import type { FakeUpstream } from './fake-upstream.ts'

type Entry = UpstreamsFile['upstreams'][number]

/** A line of the log. */
type Line = Readonly<Record<string, unknown>>

export interface SipSuite extends Suite {
  /** Lines of the log with this message. */
  logged(message: string): Line[]
  /** The value of a metric with its labels as Prometheus has them, 0 if there is none. */
  metric(name: string): Promise<number>
  /** Resolves when a metric has this value. */
  metricIs(name: string, value: number): Promise<void>
}

/** An upstream of a fake PBX, that anybody may use. */
export function entryOf({ port }: FakeUpstream, entry: Partial<Entry> = {}): Entry {
  return {
    name: 'pbx',
    targets: [`ws://127.0.0.1:${port}/ws`],
    allowPrivate: true,
    missingOrigin: 'allow',
    ...entry,
  }
}

/** A file of these upstreams, for `SIP_UPSTREAMS_FILE`. */
export function upstreamsFile(t: Test, upstreams: readonly Entry[]): string {
  const file = join(temporaryDir(t), 'upstreams.json')
  writeFileSync(file, JSON.stringify({ upstreams }))
  return file
}

/** Starts the suite with a file of these upstreams. */
export async function sipSuite(
  t: Test,
  upstreams: readonly Entry[],
  environment: Record<string, string> = {},
): Promise<SipSuite> {
  const lines: Line[] = []
  const suite = await build(t, {
    environment: { SIP_UPSTREAMS_FILE: upstreamsFile(t, upstreams), ...environment },
    log: (line) => void lines.push(JSON.parse(line) as Line),
  })
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(new URL('/metrics', suite.url))).text()
    const line = text.split('\n').find((each) => each.startsWith(`${name} `))
    return line === undefined ? 0 : Number(line.slice(name.length + 1))
  }
  return {
    ...suite,
    logged: (message) => lines.filter(({ msg }) => msg === message),
    metric,
    metricIs: (name, value) => until(async () => (await metric(name)) === value),
  }
}

/** What a handshake says besides what all say; null: it is left out. */
export type Fields = Readonly<Record<string, string | null>>

/** The request of a client for a SIP socket. */
export function sipHandshake(fields: Fields = {}, target = '/api/sip-ws/pbx'): Buffer {
  return handshake({ target, headers: { 'Sec-WebSocket-Protocol': 'sip', ...fields } })
}

/** Sends a handshake and hears the answer out; a client that is let in goes at once. */
export function knock(
  { url }: Suite,
  fields: Fields = {},
  target = '/api/sip-ws/pbx',
): Promise<Answer> {
  return exchange(url, { opening: [sipHandshake(fields, target)], next: [], finally: 'end' })
}

/** Where the suite's own page comes from. */
export const ownOrigin = 'http://127.0.0.1:3000'

/** The socket of a page. */
export function pageSocket(
  { url }: Suite,
  fields: Record<string, string> = {},
  path = '/api/sip-ws/pbx',
): WebSocket {
  const { Origin: origin = ownOrigin, ...headers } = fields
  return new WebSocket(new URL(path, url.replace('http', 'ws')), ['sip'], {
    origin,
    headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0', ...headers },
  })
}

/** Opens a page's socket. @returns how it ends */
export async function visit(suite: Suite, fields?: Record<string, string>, path?: string) {
  const socket = pageSocket(suite, fields, path)
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  const { protocol, extensions } = socket
  return { code, reason: reason.toString(), protocol, extensions }
}
