import { readFileSync } from 'node:fs'
import { namesOf, type Leaf } from './leaf.ts'
import type { Environment } from './environment.ts'
import type { Mistake } from './mistake.ts'

/** What the environment says about a leaf. `name` is the one that was used, for messages. */
export interface Reading {
  readonly name: string
  readonly text?: string
  readonly mistakes: readonly Mistake[]
}

/** Reads a leaf's text: its variable, an alias of it, or for a secret the file named by `NAME_FILE`. */
export function readLeaf(leaf: Leaf, environment: Environment): Reading {
  const sources = namesOf(leaf).flatMap((name) =>
    leaf.keywords.secret ? [name, `${name}_FILE`] : [name],
  )
  const set = sources.filter((source) => environment[source])
  const name = set[0] ?? leaf.keywords.env ?? leaf.path.join('.')
  if (set.length === 0) return { name, mistakes: [] }
  const reason = contradiction(set, environment)
  if (reason !== null) return { name, mistakes: [{ name, reason }] }
  return isFile(name, leaf)
    ? readFile(name, environment[name]!)
    : { name, text: environment[name]!, mistakes: [] }
}

/** The same value under two names is harmless; anything else would silently prefer one. */
function contradiction(set: readonly string[], environment: Environment): string | null {
  const [first, ...others] = set
  const other = others.find((source) => environment[source] !== environment[first!])
  return other === undefined ? null : `is set together with ${other}; keep one of them`
}

function isFile(name: string, leaf: Leaf): boolean {
  return leaf.keywords.secret === true && !namesOf(leaf).includes(name)
}

function readFile(name: string, path: string): Reading {
  try {
    const text = readFileSync(path, 'utf8').replace(/(\r?\n)+$/, '')
    if (text !== '') return { name, text, mistakes: [] }
    return { name, mistakes: [{ name, reason: `the file ${path} is empty` }] }
  } catch (error) {
    const { message } = error as Error
    return { name, mistakes: [{ name, reason: `the file cannot be read: ${message}` }] }
  }
}
