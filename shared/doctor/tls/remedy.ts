import { isAbsolute } from 'node:path'
import { isFor, type Trust } from '../../tls-trust/index.ts'
import { isOfSystem } from './chain.ts'
import { describe, namesOf } from './certificate.ts'
import { prove } from './prove.ts'
import { settingFor, type Destination } from './setting.ts'
import type { Completed } from './complete.ts'
import type { Waiting } from './place.ts'

/** A setting that was tried and makes the proxy connect. */
export interface Remedy {
  /** An entry of SIP_UPSTREAMS_FILE, YAML. */
  readonly setting: string
  readonly trust: 'extraCa' | 'pin' | 'system'
  /** What belongs into the file of `ca`; null if there is none. */
  readonly pem: string | null
  /** Of what is to be trusted, and rests on nothing but this connection: compare them. Empty if a known root vouches. */
  readonly fingerprints: readonly string[]
}

interface Asked extends Waiting, Destination {
  /** Where the PEM will lie. */
  readonly caFile: string
}

/** The first setting with which the proxy connects, host name and dates checked; null if none does. */
export async function remedyFor(chain: Completed, asked: Asked): Promise<Remedy | null> {
  const [leaf] = chain.path
  const { place } = asked
  const other = isFor(leaf!, place.servername)
    ? null
    : (namesOf(leaf!).find((name) => !name.includes('*')) ?? null)
  const expected = other === null ? place : { ...place, servername: other }
  for (const trust of candidates(chain)) {
    if ((await prove(expected, trust, asked)) !== null) continue
    const fingerprints = chain.end === 'system' ? [] : fingerprintsOf(chain, trust)
    return {
      setting: await settingFor(asked, tlsOf(trust, other, asked), asked),
      trust: trust.trust as Remedy['trust'],
      pem: trust.trust === 'extraCa' ? trust.ca.join('') : null,
      fingerprints,
    }
  }
  return null
}

/** From the least to the most that has to be taken on trust. */
function candidates({ sent, path }: Completed): Trust[] {
  const [leaf, ...above] = path
  const ca = above.filter((each) => !isOfSystem(each)).map((each) => each.toString())
  const pin: Trust = { trust: 'pin', pins: [describe(leaf!).pin] }
  return [
    ...(sent.end === 'system' ? [{ trust: 'system' } as const] : []),
    ...(ca.length > 0 ? [{ trust: 'extraCa', ca } as const] : []),
    pin,
  ]
}

function fingerprintsOf({ path }: Completed, { trust }: Trust): string[] {
  const trusted = trust === 'pin' ? path[0]! : path.at(-1)!
  const { subject, fingerprint } = describe(trusted)
  return [`${subject}: ${fingerprint}`]
}

function tlsOf(trust: Trust, servername: string | null, asked: Asked): string {
  const parts = [`trust: ${trust.trust}`]
  if (trust.trust === 'extraCa') parts.push(`ca: [${JSON.stringify(asked.caFile)}]`)
  if (trust.trust === 'pin') parts.push(`pins: [${trust.pins.join(', ')}]`)
  if (servername !== null) parts.push(`servername: ${JSON.stringify(servername)}`)
  return `tls: { ${parts.join(', ')} }${whereabouts(trust, asked)}`
}

/** A path that is none of this machine is seen from the file with the setting. */
function whereabouts({ trust }: Trust, { caFile }: Asked): string {
  return trust === 'extraCa' && !isAbsolute(caFile)
    ? ` # ${caFile}: what follows, beside this file`
    : ''
}
