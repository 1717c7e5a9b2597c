import { namesOf, leavesOf } from './leaf.ts'
import { nearest } from './spelling.ts'
import type { Environment } from './environment.ts'
import type { Mistake } from './mistake.ts'
import type { TObject } from 'typebox'

const prefix = 'SWITCHHOOK_'
/** Shorter names are too close to everything: PORT is two edits from PATH, POST, PROMPT. */
const shortestChecked = 8
const typo = 2
/** Kubernetes tells every pod about every service: a service called switchhook is no misspelling. */
const serviceLink = /_SERVICE_(HOST|PORT)(_|$)|_PORT_[0-9]+_(TCP|UDP|SCTP)(_|$)/
const serviceAddress = /^(tcp|udp|sctp):\/\//

/** For the command line alone: a shell that has it may start a service too. */
const notForServices = ['SWITCHHOOK_TOKEN']

/** Names nobody reads: everything that claims to be ours, and what looks like a misspelling of ours. */
export function unknownNames(
  schema: TObject,
  { environment, known = [] }: { environment: Environment; known?: readonly string[] | undefined },
): Mistake[] {
  const leaves = leavesOf(schema)
  const names = new Set([...leaves.flatMap(namesOf), ...known, ...notForServices])
  const accepted = new Set([...names, ...Array.from(names, fileOf)])
  const files = leaves
    .filter(({ keywords }) => keywords.secret)
    .flatMap(namesOf)
    .map(fileOf)
  const long = [...names, ...files].filter((name) => name.length >= shortestChecked)
  return Object.entries(environment).flatMap(([name, text]) => {
    if (!text || accepted.has(name) || isServiceLink(name, text)) return []
    const meant = name.startsWith(prefix)
      ? nearest(name.slice(prefix.length), names)
      : nearest(name, long, typo)
    return meant === null ? [] : [{ name, reason: `is not known; did you mean ${meant}?` }]
  })
}

function isServiceLink(name: string, text: string): boolean {
  return name.startsWith(prefix) && (serviceLink.test(name) || serviceAddress.test(text))
}

const fileOf = (name: string): string => `${name}_FILE`
