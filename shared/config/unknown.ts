import { namesOf, leavesOf } from './leaf.ts'
import { nearest } from './spelling.ts'
import type { Environment } from './environment.ts'
import type { Mistake } from './mistake.ts'
import type { TObject } from 'typebox'

const prefix = 'SWITCHHOOK_'
/** Shorter names are too close to everything: PORT is two edits from PATH, POST, PROMPT. */
const shortestChecked = 8
const typo = 2

/** Names nobody reads: everything that claims to be ours, and what looks like a misspelling of ours. */
export function unknownNames(
  schema: TObject,
  { environment, known = [] }: { environment: Environment; known?: readonly string[] | undefined },
): Mistake[] {
  const names = new Set([...leavesOf(schema).flatMap(namesOf), ...known])
  const accepted = new Set([...names, ...Array.from(names, (name) => `${name}_FILE`)])
  const long = [...accepted].filter((name) => name.length >= shortestChecked)
  return Object.keys(environment)
    .filter((name) => environment[name] && !accepted.has(name))
    .flatMap((name) => {
      const meant = name.startsWith(prefix)
        ? nearest(name.slice(prefix.length), names)
        : nearest(name, long, typo)
      return meant === null ? [] : [{ name, reason: `is not known; did you mean ${meant}?` }]
    })
}
