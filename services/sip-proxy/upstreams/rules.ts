import { patternFault } from './pattern.ts'
import { placeholder, type Entry } from './schema.ts'
import { readTemplate } from './template.ts'
import { trustFaults, type TrustRules } from './trust.ts'
import { shown, type Fault, type Place } from './source.ts'

/** A value of which parts may be undefined: those that were not as the schema says. */
export type Partly<T> = T extends readonly (infer Item)[]
  ? readonly (Partly<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partly<T[Key]> | undefined }
    : T

/** What a schema cannot say of one upstream: values that exclude or need each other. */
export function entryFaults(entry: Partly<Entry>, rules: TrustRules): Fault[] {
  return [
    ...matchFaults(entry.match),
    ...targetFaults(entry),
    ...domainFaults(entry),
    ...trustFaults(entry.tls ?? {}, rules).map((fault) => below('tls', fault)),
  ]
}

/** The fault as it is told one level further up. */
export function below(step: string | number, { place, ...fault }: Fault): Fault {
  return { ...fault, place: [step, ...place] }
}

function matchFaults(match: string | undefined): Fault[] {
  const reason = match === undefined ? null : patternFault(match)
  return reason === null ? [] : [{ place: ['match'], reason, example: '^[0-9]{1,6}$' }]
}

function targetFaults(entry: Partly<Entry>): Fault[] {
  const { targets = [], tls } = entry
  return targets.flatMap((target, index): Fault[] => {
    if (target === undefined) return []
    const place: Place = ['targets', index]
    const read = readTemplate(target)
    if (!read.ok) return [{ place, reason: `${read.reason}, is ${shown(target)}`, example }]
    const { open, secure } = read.template
    const faults: Fault[] = []
    if (open && !('match' in entry)) faults.push({ place, reason: needsMatch })
    if (tls && !secure) faults.push({ place, reason: 'is ws://, where tls means nothing' })
    return faults
  })
}

const example = 'wss://pbx.example.com:8089/ws'
const needsMatch = 'has {id}, and needs a match that says which ids there are'

function domainFaults(entry: Partly<Entry>): Fault[] {
  const isOpen = entry.sipDomain?.includes(placeholder) && !('match' in entry)
  return isOpen ? [{ place: ['sipDomain'], reason: needsMatch }] : []
}

/** Names that stand twice. */
export function nameFaults(entries: readonly (Partly<Entry> | undefined)[]): Fault[] {
  const seen = new Map<string, number>()
  return entries.flatMap((entry, index): Fault[] => {
    if (entry?.name === undefined) return []
    const first = seen.get(entry.name)
    if (first === undefined) seen.set(entry.name, index)
    if (first === undefined) return []
    const reason = `upstreams[${first}] is called ${shown(entry.name)} too`
    return [{ place: ['upstreams', index, 'name'], reason }]
  })
}
