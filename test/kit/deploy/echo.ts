import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'

/** What a service was asked, and which one. */
export interface Echo {
  readonly name: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Base64. */
  readonly body: string
}

/** A service that answers with what it was asked, and cuts the line where there is a header `x-cut`. */
export async function echo(t: Test, name: string, port: number): Promise<void> {
  const server = createServer((request, response) => {
    if (request.headers['x-cut'] !== undefined) {
      request.socket.destroy()
      return
    }
    const { url: path = '', headers } = request
    buffer(request).then((body) => {
      const answer: Echo = { name, path, headers, body: body.toString('base64') }
      response.end(JSON.stringify(answer))
    }, t.threw)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** What the service behind `url` was asked. */
export async function ask(url: string, init: RequestInit = {}): Promise<Echo> {
  return (await (await fetch(url, init)).json()) as Echo
}
