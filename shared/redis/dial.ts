import { Connection } from './connection.ts'
import type { Address, RedisTarget } from './url.ts'

/** How a connection is made. */
export interface Dial {
  readonly target: RedisTarget
  /** What it is for; the name in CLIENT LIST. */
  readonly name: string
  /** The key whose server is wanted; in a cluster every key may lie elsewhere. */
  readonly key: string
  readonly signal: AbortSignal
}

/**
 * Finds the server that holds a key now, and connects to it. Sentinels and cluster nodes are asked each time:
 * after a failover the old answer is worth nothing. Bounded: a second for each connection, half for each answer.
 * @throws why there is none, in plain words
 */
export async function dial(options: Dial): Promise<Connection> {
  const { target } = options
  if (target.kind === 'single') return enter(target.nodes[0]!, options)
  const address = await askAround(target.nodes, (node) =>
    target.kind === 'sentinel' ? masterOf(node, options) : ownerOf(node, options),
  )
  const connection = await enter(address, options)
  if (target.kind === 'sentinel') await verifyMaster(connection)
  return connection
}

/** The first answer of nodes in any order. @throws what each of them said, if none has one */
async function askAround(
  nodes: readonly Address[],
  ask: (node: Address) => Promise<Address>,
): Promise<Address> {
  const failures: string[] = []
  for (const node of shuffled(nodes)) {
    try {
      return await ask(node)
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  throw new Error(failures.join('; '))
}

/** Spreads the questions, and lets no dead node delay every attempt. */
function shuffled<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: Math.random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value)
}

/** https://redis.io/docs/latest/develop/reference/sentinel-clients/ */
async function masterOf(sentinel: Address, { target, signal }: Dial): Promise<Address> {
  const connection = await Connection.open(sentinel, { tls: target.tls, signal })
  try {
    // Most sentinels take no password, and refuse one.
    const [pong] = await connection.exchange([['PING']])
    if (pong instanceof Error && pong.message.startsWith('NOAUTH')) {
      await authenticate(connection, target)
    }
    const reply = await connection.ask(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', target.master])
    if (!Array.isArray(reply)) throw connection.error(`knows no master '${target.master}'`)
    const [host, port] = reply as [string, string]
    return { host, port: Number(port) }
  } finally {
    connection.destroy(done)
  }
}

/** A sentinel may be the last to know of a failover: the master itself must say that it is one. */
async function verifyMaster(connection: Connection): Promise<void> {
  const reply = await connection.ask(['ROLE'])
  if (Array.isArray(reply) && reply[0] === 'master') return
  connection.destroy(done)
  throw connection.error('is no master now')
}

type SlotRange = readonly [start: number, end: number, master: readonly [string | null, number]]

/** https://redis.io/docs/latest/commands/cluster-slots/ */
async function ownerOf(node: Address, options: Dial): Promise<Address> {
  const connection = await enter(node, options)
  try {
    const slot = Number(await connection.ask(['CLUSTER', 'KEYSLOT', options.key]))
    const ranges = (await connection.ask(['CLUSTER', 'SLOTS'])) as SlotRange[]
    const range = ranges.find(([start, end]) => start <= slot && slot <= end)
    if (!range) throw connection.error(`knows no node with slot ${slot}`)
    const [host, port] = range[2]
    // A node that does not know its own name is where we found it.
    return { host: host || node.host, port }
  } finally {
    connection.destroy(done)
  }
}

/** Connects, and gets in. */
async function enter(address: Address, { target, name, signal }: Dial): Promise<Connection> {
  const connection = await Connection.open(address, { tls: target.tls, signal })
  try {
    await authenticate(connection, target)
    if (target.database > 0) await connection.ask(['SELECT', target.database])
    // Whoever may not set it works as well without.
    await connection.exchange([['CLIENT', 'SETNAME', name]])
    return connection
  } catch (error) {
    connection.destroy(done)
    throw error
  }
}

async function authenticate(connection: Connection, { credentials }: RedisTarget): Promise<void> {
  if (credentials === null) return
  const { username, password } = credentials
  await connection.ask(username === null ? ['AUTH', password] : ['AUTH', username, password])
}

const done = new Error('not needed any more')
