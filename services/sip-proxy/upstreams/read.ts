import { dirname } from 'node:path'
import { Value } from 'typebox/value'
import { readText } from './file.ts'
import { anchored } from './pattern.ts'
import { below, entryFaults, nameFaults, type Partly } from './rules.ts'
import { Entry, UpstreamsFile } from './schema.ts'
import { shape } from './shape.ts'
import { inWords, parseSource, type Fault } from './source.ts'
import { readTemplate } from './template.ts'
import { readTrust } from './trust.ts'
import type { Mistake } from '@switchhook/shared/config'
import type { Trust } from '@switchhook/shared/tls-trust'
import type { Definition } from './find.ts'

/** Where the upstreams are written, and what they may be. */
export interface UpstreamsOptions {
  /** YAML or JSON; without it there are none. */
  readonly upstreamsFile?: string
  readonly allowInsecureUpstream: boolean
  /** Whether the store is one that other processes serve too. */
  readonly replicated: boolean
}

/** The upstreams of the file, and every mistake in it; either is empty. */
export interface Read {
  readonly definitions: readonly Definition[]
  readonly mistakes: readonly Mistake[]
}

const setting = 'SIP_UPSTREAMS_FILE'
/** Who gave the wrong file need not read all of it. */
const maxMistakes = 100

/** Reads the file, and the files that it names. */
export function readUpstreams(options: UpstreamsOptions): Read {
  const path = options.upstreamsFile
  if (path === undefined) return { definitions: [], mistakes: [] }
  const read = readText(path)
  if (!read.ok) return unusable([read.reason])
  const source = parseSource(read.text)
  const { entries, faults } =
    source.value === undefined ? nothing : entriesIn(source.value, options)
  const mistakes = [
    ...source.mistakes,
    ...faults
      .map((fault) => ({ line: source.lineOf(fault.place), sentence: sentence(fault) }))
      .toSorted((one, other) => one.line - other.line)
      .map((fault) => `line ${fault.line}: ${fault.sentence}`),
  ]
  if (mistakes.length > 0) return unusable(mistakes.map((mistake) => `${path} ${mistake}`))
  return { definitions: entries.map(definitionOf), mistakes: [] }
}

function unusable(reasons: readonly string[]): Read {
  const others = reasons.length - maxMistakes
  const told = others > 0 ? [...reasons.slice(0, maxMistakes), `${others} more mistakes`] : reasons
  return { definitions: [], mistakes: told.map((reason) => ({ name: setting, reason })) }
}

/** The example of a line is no value for the variable that names the file. */
function sentence({ place, reason, example }: Fault): string {
  const subject = place.length === 0 ? 'it' : inWords(place)
  return `${subject} ${reason}${example === undefined ? '' : ` (example: ${example})`}`
}

/** An upstream as it is written, with the files it names. */
interface Complete {
  readonly entry: Entry
  readonly trust: Trust
}

/** The upstreams are whole if there are no faults. */
interface Entries {
  readonly entries: readonly Complete[]
  readonly faults: readonly Fault[]
}

const nothing: Entries = { entries: [], faults: [] }

function entriesIn(value: unknown, options: UpstreamsOptions): Entries {
  const shaped = shape(UpstreamsFile, value)
  const { upstreams = [] } = (shaped.value ?? {}) as Partly<UpstreamsFile>
  const rules = {
    allowInsecure: options.allowInsecureUpstream,
    sharedStore: options.replicated,
  }
  const faults = [...shaped.faults, ...nameFaults(upstreams)]
  const entries = upstreams.map((entry = {}, index) => {
    const { trust, faults: unread } = readTrust(entry.tls ?? {}, dirname(options.upstreamsFile!))
    const found = [...entryFaults(entry, rules), ...unread.map((fault) => below('tls', fault))]
    faults.push(...found.map((fault) => below('upstreams', below(index, fault))))
    return { entry: entry as Entry, trust }
  })
  return { entries, faults }
}

function definitionOf({ entry: written, trust }: Complete): Definition {
  const entry = Value.Default(Entry, written) as Defaulted
  const { name, auth, missingOrigin, allowPrivate, maxSockets } = entry
  const { tls, origin = null, contactHost = null, app = null } = entry
  const { servername = null } = tls ?? {}
  const access = { auth, missingOrigin, allowPrivate, maxSockets }
  const upstream = { name, ...access, trust, servername, origin, contactHost, app }
  const read = entry.targets.map(readTemplate)
  return {
    upstream,
    match: entry.match === undefined ? null : anchored(entry.match),
    templates: read.flatMap((one) => (one.ok ? [one.template] : [])),
    sipDomain: entry.sipDomain ?? null,
  }
}

/** What has a default is there. */
type Defaulted = Entry &
  Required<Pick<Entry, 'auth' | 'missingOrigin' | 'allowPrivate' | 'maxSockets'>>
