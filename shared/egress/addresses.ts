import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { CodedError } from '../errors/index.ts'
import { unless } from './deadline.ts'
import { mistakeIn } from './host.ts'
import { plainAddress, standingOf } from './special.ts'

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

/** Names that are looked up at the same time; one more is refused. Each has a place in the queue of the thread pool. */
const mostNames = 256

const underway = new Map<string, Promise<readonly LookupAddress[]>>()

/** Every address of a name, as the system's resolver has it: hosts file, search domains and all. */
const systemResolve: Resolve = (host) => {
  // Getaddrinfo cannot be stopped: who asks for the same name meanwhile waits for the same answer.
  const running = underway.get(host)
  if (running) return running
  if (underway.size >= mostNames) return Promise.reject(new Error('too many names are looked up'))
  const asked = lookup(host, { all: true, order: 'verbatim' }).finally(() => underway.delete(host))
  underway.set(host, asked)
  return asked
}

/**
 * The addresses of a host, looked up once and judged, as they are connected to.
 * @throws CodedError `upstream_unresolved`, `upstream_private`
 */
export async function judgedAddresses(
  { host, allowPrivate }: { readonly host: string; readonly allowPrivate: boolean },
  { resolve = systemResolve, signal }: { resolve?: Resolve | undefined; signal: AbortSignal },
): Promise<readonly string[]> {
  const addresses = isIP(host) ? [host] : await unless(signal, answersFor(host, resolve))
  for (const address of addresses) refuseUnlessAllowed({ host, address, allowPrivate })
  return [...new Set(addresses)]
}

async function answersFor(host: string, resolve: Resolve): Promise<readonly string[]> {
  const mistake = mistakeIn(host)
  if (mistake) throw unresolved(host, mistake)
  let answers: readonly LookupAddress[]
  try {
    answers = await resolve(host)
  } catch (cause) {
    throw unresolved(host, reasonOf(cause), cause)
  }
  if (answers.length === 0) throw unresolved(host, 'the answer is empty')
  return answers.map(({ address }) => address)
}

function refuseUnlessAllowed(to: { host: string; address: string; allowPrivate: boolean }): void {
  const plain = plainAddress(to.address)
  if (plain === null) throw unresolved(to.host, `'${to.address.slice(0, 100)}' is not an address`)
  const standing = standingOf(plain)
  if (standing === 'public' || (standing === 'private' && to.allowPrivate)) return
  const what = standing === 'metadata' ? `${to.address} (cloud metadata range)` : to.address
  throw new CodedError('upstream_private', { args: [to.host, what] })
}

const unresolved = (host: string, reason: string, cause?: unknown): CodedError =>
  new CodedError('upstream_unresolved', { args: [host.slice(0, 260), reason], cause })

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return 'there is no such name (ENOTFOUND)'
  if (code === 'EAI_AGAIN') return 'the DNS server does not answer (EAI_AGAIN)'
  return code ?? message ?? 'no reason given'
}
