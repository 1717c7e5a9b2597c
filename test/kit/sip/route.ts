import type { Route, Upstream } from '../../../services/sip-proxy/upstreams/contract.ts'

/** An upstream with nothing special about it. */
export function upstreamNamed(name: string): Upstream {
  return {
    name,
    auth: 'optional',
    missingOrigin: 'refuse',
    allowPrivate: false,
    trust: { trust: 'system' },
    servername: null,
    origin: null,
    maxSockets: 1_000,
    contactHost: null,
    app: null,
  }
}

/** A route to these hosts in their order; their upstream is called `pbx`. */
export function routeTo(...hosts: string[]): Route {
  const targets = hosts.map((host) => ({
    url: `wss://${host}/ws`,
    secure: true,
    host,
    port: 443,
    path: '/ws',
  }))
  return { upstream: upstreamNamed('pbx'), id: null, targets, sipDomain: null }
}
