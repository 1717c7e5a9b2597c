/** A server's place in the network. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Which Redis a URL means, and how to get in. */
export interface RedisTarget {
  /** How the nodes are meant: the server itself, sentinels that know it, or some nodes of a cluster. */
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly nodes: readonly Address[]
  readonly tls: boolean
  /** Of the servers; also shown to a sentinel that asks for a password. */
  readonly credentials: { readonly username: string | null; readonly password: string } | null
  /** What the sentinels call the master; empty for the other kinds. */
  readonly master: string
  readonly database: number
}

export type ParsedUrl = { readonly target: RedisTarget } | { readonly reason: string }

/** Says what is wrong. No part of the URL is in the message: a slip of the pen makes a password of any of them. */
class Mistake extends Error {}

const forms = {
  '': 'single',
  '+sentinel': 'sentinel',
  '+cluster': 'cluster',
} as const

const defaultPort = { single: 6379, sentinel: 26_379, cluster: 6379 } as const

const shape =
  /^(?<scheme>rediss?)(?<form>\+sentinel|\+cluster)?:\/\/(?<authority>[^/?#]*)(?:\/(?<path>[^?#]*))?(?<rest>[?#].*)?$/s
const node = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<name>[\w.-]+))(?::(?<port>\d{1,5}))?$/
const databaseNumber = /^\d{1,5}$/

/** Reads a REDIS_URL of any of the forms that {@link RedisTarget} knows. Nothing is looked up or connected. */
export function parseRedisUrl(text: string): ParsedUrl {
  try {
    return { target: targetOf(text) }
  } catch (error) {
    if (error instanceof Mistake) return { reason: error.message }
    throw error
  }
}

function targetOf(text: string): RedisTarget {
  const { scheme, form = '', authority = '', path = '', rest = '' } = shape.exec(text)?.groups ?? {}
  if (scheme === undefined) {
    throw new Mistake(
      'must begin with redis:// or rediss://, or with +sentinel or +cluster before ://',
    )
  }
  if (rest.startsWith('?')) throw new Mistake('takes no parameters after ?')
  if (rest !== '') throw new Mistake("has a '#', which must be written %23 in a password")
  const kind = forms[form as keyof typeof forms]
  // A password with an @ in it is understood, as browsers do: the last one ends it.
  const at = authority.lastIndexOf('@')
  return {
    kind,
    tls: scheme === 'rediss',
    credentials: at < 0 ? null : credentialsOf(authority.slice(0, at)),
    nodes: nodesOf(authority.slice(at + 1), kind),
    ...placeOf(path, kind),
  }
}

function credentialsOf(text: string): RedisTarget['credentials'] {
  const [, username = '', password = ''] = /^([^:]*):(.+)$/s.exec(text) ?? []
  if (password === '')
    throw new Mistake('needs a password before @, as user:password@ or :password@')
  return { username: decoded(username) || null, password: decoded(password) }
}

function nodesOf(text: string, kind: RedisTarget['kind']): Address[] {
  const nodes = text.split(',').map((part) => {
    const { ipv6, name, port } = node.exec(part)?.groups ?? {}
    const host = ipv6 ?? name
    if (host === undefined) throw new Mistake('needs host:port, or several with commas')
    const address = { host, port: port === undefined ? defaultPort[kind] : Number(port) }
    if (address.port < 1 || address.port > 65_535) throw new Mistake('needs a port from 1 to 65535')
    return address
  })
  if (kind === 'single' && nodes.length > 1) {
    throw new Mistake('has several hosts: begin it with redis+sentinel:// or redis+cluster://')
  }
  return nodes
}

/** What the path says: `/2` of a server, `/mymaster/2` of sentinels, nothing of a cluster. */
function placeOf(path: string, kind: RedisTarget['kind']): { master: string; database: number } {
  if (kind === 'cluster') {
    if (!/^0?$/.test(path)) throw new Mistake('names a database, and a cluster has only 0')
    return { master: '', database: 0 }
  }
  if (kind === 'single') return { master: '', database: databaseOf(path) }
  const [master = '', database = '', ...more] = path.split('/')
  if (master === '')
    throw new Mistake('needs the name of the master after the sentinels, as /mymaster')
  if (more.length > 0) throw new Mistake('has more than a master and a database in its path')
  return { master: decoded(master), database: databaseOf(database) }
}

function databaseOf(text: string): number {
  if (text === '') return 0
  if (!databaseNumber.test(text)) throw new Mistake('needs a number as database in its path')
  return Number(text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Mistake("has a '%' that must be written %25")
  }
}
