import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, temporaryDir, type Suite } from '../build.ts'
import { sipDomain } from './accounts.ts'
import type { Test } from 'tap'

/** Where the pages of the tests come from. */
export const phoneOrigin = 'https://phone.example'

export interface RelayOptions {
  /** Of one upstream, `pbx`, in the order they are tried. */
  readonly targets: readonly string[]
  /** PEM of what the certificate of a secure one is trusted with. */
  readonly ca?: string
  /** Further settings of it, as the file has them. */
  readonly upstream?: Record<string, unknown>
  readonly environment?: Record<string, string>
}

interface Relay extends Suite {
  /** Where browser phones connect. */
  readonly socketUrl: string
}

/** Starts the suite with one upstream. */
export async function startRelay(
  t: Test,
  { targets, ca, upstream = {}, environment }: RelayOptions,
): Promise<Relay> {
  const dir = temporaryDir(t)
  const file = join(dir, 'upstreams.json')
  const isSecure = ca !== undefined && targets.some((target) => target.startsWith('wss:'))
  if (isSecure) writeFileSync(join(dir, 'ca.pem'), ca)
  const trust = isSecure ? { tls: { trust: 'extraCa', ca: ['ca.pem'] } } : {}
  const pbx = { name: 'pbx', targets, allowPrivate: true, sipDomain, ...trust, ...upstream }
  writeFileSync(file, JSON.stringify({ upstreams: [pbx] }))
  const suite = await build(t, {
    environment: { SIP_UPSTREAMS_FILE: file, ALLOWED_ORIGINS: phoneOrigin, ...environment },
  })
  return { ...suite, socketUrl: `${suite.url.replace('http', 'ws')}/api/sip-ws/pbx` }
}
