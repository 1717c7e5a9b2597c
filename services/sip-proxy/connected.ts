import { Watches } from './relay/watches.ts'
import { createRewrite } from './rewrite.ts'
import type { Socket } from 'node:net'
import type { Connected } from './admission/door.ts'
import type { SipMetrics } from './metrics.ts'
import type { Registrar } from './registrar/index.ts'
import type { Relay } from './relay/index.ts'
import type { SipTrace } from './trace/index.ts'

interface Parts {
  readonly relay: Relay
  readonly registrar: Registrar
  readonly trace: SipTrace
  readonly metrics: SipMetrics
  /** UUID: of whatever no user and no upstream names one for. */
  readonly firstApp: string
}

/** What becomes of a browser and a PBX that have found each other. */
export function connecter({ relay, registrar, trace, metrics, firstApp }: Parts) {
  return (connection: Connected): void => {
    const { browser, upstream, route, address, principal } = connection
    const { name, contactHost, app } = route.upstream
    const watches = [
      registrar.watch({ ...connection, upstream: route.upstream }),
      trace.watch({
        upstream: name,
        app: principal?.app ?? app ?? firstApp,
        address,
        port: (browser.socket as Socket).remotePort,
        target: endOf(upstream.socket as Socket),
      }),
    ]
    relay.add({
      browser,
      upstream,
      watch: new Watches(watches),
      rewrite: contactHost === null ? null : createRewrite(contactHost),
      over({ by, code }) {
        connection.over()
        metrics.closed(by, code)
      },
    })
  }
}

/** Of a TLS socket, that of the connection below. */
function endOf({ remoteAddress = '', remotePort = 0 }: Socket): { address: string; port: number } {
  return { address: remoteAddress, port: remotePort }
}
