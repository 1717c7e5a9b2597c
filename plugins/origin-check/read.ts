import { readFileSync, statSync } from 'node:fs'
import { parseEntry, type Entry } from './entry.ts'
import type { Mistake } from '@switchhook/shared/config'

/** Where an entry was written down. */
export type Source = 'PUBLIC_URL' | 'PORT' | 'ALLOWED_ORIGINS' | 'FRONTEND_URL' | 'ORIGINS_FILE'

/** An entry that is in effect until its day. */
export interface Allowed extends Entry {
  readonly source: Source
}

/** The settings that entries are written in. */
export interface Written {
  readonly allow: readonly string[]
  readonly frontendUrl?: string
  readonly file?: string
  readonly insecureAnyOrigin: boolean
}

/** The entries of all settings in the order they are asked, and every mistake in them. */
export interface List {
  readonly allowed: readonly Allowed[]
  readonly mistakes: Mistake[]
}

/** A line of a setting; `place` says which one of it, for messages. */
interface Line {
  readonly source: Source
  readonly place: string
  readonly text: string
}

/** Far more than anybody writes; what is larger is some other file. */
const maxFileBytes = 1_048_576
const maxMistakes = 100

/** Reads the settings and, each time anew, the file. */
export function readList(written: Written): List {
  const mistakes: Mistake[] = []
  const allowed = new Map<string, Allowed>()
  for (const line of linesOf(written, mistakes)) {
    const parsed = parseEntry(line.text)
    if (!parsed.ok) {
      mistakes.push(mistakeIn(line, parsed.reason, parsed.example))
      continue
    }
    const entry = { ...parsed.entry, source: line.source }
    const reason = contradiction(entry, allowed.get(entry.origin), written)
    if (reason === null) allowed.set(entry.origin, entry)
    else mistakes.push(mistakeIn(line, reason, 'https://crm.example.com'))
  }
  return { allowed: [...allowed.values()], mistakes: firstOf(mistakes) }
}

/**
 * What an entry says against the settings, or against another one of the same origin. The file has the last word: it
 * can give an origin of the environment an end without a restart.
 */
function contradiction(
  { origin, until, successor, source }: Allowed,
  other: Allowed | undefined,
  { insecureAnyOrigin }: Written,
): string | null {
  if (origin === '*' && !insecureAnyOrigin) return "'*' needs INSECURE_ANY_ORIGIN=true"
  if (!other || (source === 'ORIGINS_FILE' && other.source !== source)) return null
  if (other.until === until && other.successor === successor) return null
  return `${origin} stands in ${other.source} too, with another until or successor: keep one of them`
}

function mistakeIn({ source, place }: Line, reason: string, example: string): Mistake {
  if (place === '') return { name: source, reason, example }
  // The example of a line is no value for the variable that names the file.
  return { name: source, reason: `${place}: ${reason} (example: ${example})` }
}

/** Who gave the wrong file need not read all of it. */
function firstOf(mistakes: readonly Mistake[]): Mistake[] {
  const others = mistakes.length - maxMistakes
  if (others <= 0) return [...mistakes]
  const more = { name: 'ORIGINS_FILE', reason: `${others} more mistakes` }
  return [...mistakes.slice(0, maxMistakes), more]
}

function linesOf({ allow, frontendUrl, file }: Written, mistakes: Mistake[]): Line[] {
  return [
    ...allow.map((text) => lineOf('ALLOWED_ORIGINS', text)),
    ...(frontendUrl === undefined ? [] : [lineOf('FRONTEND_URL', originOf(frontendUrl))]),
    ...(file === undefined ? [] : linesIn(file, mistakes)),
  ]
}

const lineOf = (source: Source, text: string, place = ''): Line => ({ source, place, text })

/** Frontends are given with a path or a slash at the end. */
function originOf(frontendUrl: string): string {
  const [url = '', ...parameters] = frontendUrl.split(';')
  const parsed = /^https?:/i.test(url) ? URL.parse(url) : null
  return [parsed?.origin ?? url, ...parameters].join(';')
}

function linesIn(path: string, mistakes: Mistake[]): Line[] {
  try {
    const status = statSync(path)
    if (!status.isFile()) throw new Error('it is not a file')
    if (status.size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`)
    const texts = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
    return texts
      .map((text, index) =>
        lineOf('ORIGINS_FILE', text.replace(/#.*/, '').trim(), `line ${index + 1}`),
      )
      .filter(({ text }) => text !== '')
  } catch (error) {
    const reason = `the file ${path} cannot be read: ${(error as Error).message}`
    mistakes.push({ name: 'ORIGINS_FILE', reason, example: '/etc/switchhook/origins' })
    return []
  }
}
