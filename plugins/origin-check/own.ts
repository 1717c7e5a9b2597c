import type { Allowed, Source } from './read.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** The origins of this process's own page, which always pass: of its public name, and of localhost with its port. */
export function ownOrigins(publicUrl: string, port: number): Allowed[] {
  const { origin, hostname, protocol, port: publicPort } = new URL(publicUrl)
  const isLoopback = loopbackNames.includes(hostname)
  const named = isLoopback ? loopback(protocol, publicPort) : [origin]
  const entries = [
    ...named.map((one) => entryOf(one, 'PUBLIC_URL')),
    ...loopback('http:', port).map((one) => entryOf(one, 'PORT')),
  ]
  // The first one of each.
  return [
    ...new Map(entries.toReversed().map((entry) => [entry.origin, entry])).values(),
  ].toReversed()
}

const entryOf = (origin: string, source: Source): Allowed => ({
  origin,
  source,
  until: null,
  successor: null,
})

/** All names of the loopback. */
function loopback(protocol: string, port: number | string): string[] {
  return loopbackNames.map((name) => new URL(`${protocol}//${name}:${port}`).origin)
}
