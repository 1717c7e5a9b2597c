import { placeholder } from './schema.ts'
import { fill, type Template } from './template.ts'
import type { Route, Target, Upstream } from './contract.ts'

/** An upstream, and whom it is for. */
export interface Definition {
  readonly upstream: Upstream
  /** Anchored at both ends. */
  readonly match: RegExp | null
  readonly templates: readonly Template[]
  readonly sipDomain: string | null
}

/** Whatever `match` allows: nothing else means something in a URL, in a host name or in a log. */
const plainId = /^[A-Za-z0-9._-]{1,64}$/

/** Answers what clients ask for; what they ask is theirs, and may be anything. */
export function finderOf(definitions: readonly Definition[]): (asked: string) => Route | null {
  const byName = new Map(definitions.map((each) => [each.upstream.name, each]))
  return (asked) => {
    const named = byName.get(asked)
    if (named && named.templates.every(({ open }) => !open)) return routeOf(named, null)
    if (!plainId.test(asked)) return null
    const matching = definitions.find(({ match }) => match?.test(asked))
    return matching ? routeOf(matching, asked) : null
  }
}

function routeOf({ upstream, templates, sipDomain }: Definition, id: string | null): Route | null {
  const targets: Target[] = []
  for (const template of templates) {
    const target = fill(template, id)
    if (!target) return null
    targets.push(target)
  }
  return { upstream, id, targets, sipDomain: domainOf(sipDomain, id) }
}

/** By name there is nothing to fill it with. */
function domainOf(domain: string | null, id: string | null): string | null {
  if (!domain?.includes(placeholder)) return domain
  return id === null ? null : domain.replaceAll(placeholder, () => id)
}
