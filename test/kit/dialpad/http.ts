import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A request as the routes of a server see it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Told {
  readonly status: number
  readonly headers?: Record<string, string>
  /** Text, or what becomes JSON. */
  readonly body?: unknown
}

/** What becomes of a request. */
export type Answer = Told | 'hang up' | 'silence'

type Answering = (asked: Asked) => Answer

/** Serves until the test ends. @returns the address */
export async function serve(t: Test, answer: Answering) {
  const server = createServer((request, response) => void respond(request, response, answer))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answering,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { pathname: path, searchParams: query } = new URL(request.url!, 'http://here')
  const { method = '', headers } = request
  const body = Buffer.concat(chunks).toString()
  const told = answer({ method, path, query, headers, body })
  if (told === 'silence') return
  if (told === 'hang up') return void request.socket.destroy()
  const isText = typeof told.body === 'string'
  const type = isText ? 'text/html' : 'application/json'
  response.writeHead(told.status, { 'content-type': type, ...told.headers })
  if (told.body === undefined) response.end()
  else response.end(isText ? told.body : jsonOf(told.body))
}

/** `{ int64: digits }` is written as a number, however long. */
function jsonOf(body: unknown): string {
  return JSON.stringify(body).replaceAll(/\{"int64":"(\d+)"\}/g, '$1')
}
