import { resolve } from 'node:path'
import { readAuthorities, type Trust } from '@switchhook/shared/tls-trust'
import type { Fault } from './source.ts'

/** What is written under `tls`, without what is not as the schema says. */
interface Written {
  readonly trust?: Trust['trust'] | undefined
  readonly ca?: readonly (string | undefined)[] | undefined
  readonly pins?: readonly (string | undefined)[] | undefined
}

/** What is asked besides the file before a certificate may go unchecked. */
export interface TrustRules {
  readonly allowInsecure: boolean
  /** Whether others than this machine are served. */
  readonly sharedStore: boolean
}

/** What under `tls` does not go together, or not with the settings. */
export function trustFaults(written: Written, rules: TrustRules): Fault[] {
  const { trust = 'system' } = written
  const faults: Fault[] = []
  // Of what is there, but not as it should be, that is all to be said.
  if ('trust' in written && written.trust === undefined) return []
  for (const [key, needed] of companions) {
    const isThere = key in written
    if (isThere && trust !== needed) {
      faults.push({ place: [key], reason: `needs trust: ${needed}, not ${trust}` })
    }
    if (!isThere && trust === needed) {
      faults.push({ place: ['trust'], reason: `${needed} needs ${key}` })
    }
  }
  return trust === 'insecure' ? [...faults, ...insecureFaults(rules)] : faults
}

const companions = [
  ['ca', 'extraCa'],
  ['pins', 'pin'],
] as const

function insecureFaults({ allowInsecure, sharedStore }: TrustRules): Fault[] {
  const place = ['trust']
  const faults: Fault[] = []
  if (!allowInsecure) {
    faults.push({ place, reason: 'insecure needs ALLOW_INSECURE_UPSTREAM=1', example: 'pin' })
  }
  if (sharedStore) {
    faults.push({ place, reason: 'insecure is refused while DATABASE_URL is set', example: 'pin' })
  }
  return faults
}

/** The trust that is written, with its files read; a file that is of no use is a fault. */
export function readTrust(
  { trust = 'system', ca = [], pins = [] }: Written,
  directory: string,
): { trust: Trust; faults: Fault[] } {
  const faults: Fault[] = []
  const texts = ca.flatMap((path, index) => {
    const read = path === undefined ? { ca: [] } : readAuthorities([resolve(directory, path)])
    if ('ca' in read) return read.ca
    faults.push({ place: ['ca', index], reason: `names a file of no use: ${read.mistake}` })
    return []
  })
  if (trust === 'extraCa') return { trust: { trust, ca: texts }, faults }
  if (trust !== 'pin') return { trust: { trust }, faults }
  return { trust: { trust, pins: pins.filter((pin) => pin !== undefined) }, faults }
}
