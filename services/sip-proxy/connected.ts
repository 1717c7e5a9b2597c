import { Watches } from './relay/watches.ts'
import { createRewrite } from './rewrite.ts'
import type { Socket } from 'node:net'
import type { Connected } from './admission/door.ts'
import type { Holders } from './admission/holders.ts'
import type { SipMetrics } from './metrics.ts'
import type { Peer } from './peer.ts'
import type { Registrar } from './registrar/index.ts'
import type { Relay } from './relay/index.ts'
import type { SipTrace } from './trace/index.ts'

interface Parts {
  readonly relay: Relay
  readonly registrar: Registrar
  readonly trace: SipTrace
  readonly metrics: SipMetrics
  readonly holders: Holders
  /** UUID: of whatever no user and no upstream names one for. */
  readonly firstApp: string
}

/** What becomes of a browser and a PBX that have found each other. */
export function connecter({ relay, registrar, trace, metrics, holders, firstApp }: Parts) {
  return (connection: Connected): void => {
    const { browser, upstream, place, principal } = connection
    const { contactHost } = connection.route.upstream
    const peer = peerOf(connection, firstApp)
    const pair = relay.add({
      browser,
      upstream,
      watch: new Watches(registrar.watch(peer, contactHost), trace.watch(peer)),
      rewrite: contactHost === null ? null : createRewrite(contactHost),
      over({ by, code }) {
        place.leave()
        holders.remove(pair)
        count(metrics, peer, -1)
        metrics.closed(by, code)
      },
    })
    count(metrics, peer, 1)
    if (principal) holders.add(pair, principal)
  }
}

function count(metrics: SipMetrics, { upstream }: Peer, by: 1 | -1): void {
  metrics.sockets(upstream, by)
  metrics.connections(upstream, by)
}

/** What is kept of a connection; it belongs to the app of the user, else of the upstream, else to the first. */
export function peerOf(connection: Omit<Connected, 'target' | 'place'>, firstApp: string): Peer {
  const { browser, upstream, route, address, userAgent, principal } = connection
  const { remoteAddress = '', remotePort = 0 } = upstream.socket as Socket
  return {
    upstream: route.upstream.name,
    app: principal?.app ?? route.upstream.app ?? firstApp,
    address,
    userAgent,
    port: (browser.socket as Socket).remotePort,
    target: { address: remoteAddress, port: remotePort },
  }
}
