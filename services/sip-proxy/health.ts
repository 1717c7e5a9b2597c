import type { FastifyInstance } from 'fastify'
import type { TargetHealth } from './failover/index.ts'
import type { Upstreams } from './upstreams/contract.ts'

interface Watched {
  readonly upstreams: Upstreams
  readonly failover: { readonly targets: readonly TargetHealth[] }
}

/** `/health`, and with it the console, says which upstreams somebody should look at, and why. */
export function tellHealth({ health }: FastifyInstance, watched: Watched): void {
  health.add('sip', {
    needed: false,
    async probe() {
      const troubles = [kept(watched), insecure(watched), silent(watched)]
      const told = troubles.filter((trouble) => trouble !== null)
      if (told.length > 0) throw new Error(told.join('; '))
    },
  })
}

function kept({ upstreams }: Watched): string | null {
  if (upstreams.usable) return null
  return 'SIP_UPSTREAMS_FILE has mistakes, which the log names, and would not do for a start'
}

function insecure({ upstreams }: Watched): string | null {
  const those = upstreams.all.filter(({ trust }) => trust.trust === 'insecure')
  const reason = 'trust: insecure, so that anybody may read and change its calls'
  return named(
    reason,
    those.map(({ name }) => name),
  )
}

/** Those none of whose targets answers that were asked for lately. */
function silent({ upstreams, failover }: Watched): string | null {
  const asked = Map.groupBy(failover.targets, ({ upstream }) => upstream)
  const those = upstreams.all.filter(({ name }) => {
    const targets = asked.get(name) ?? []
    return targets.length > 0 && targets.every(({ state }) => state !== 'up')
  })
  return named(
    'no target answers',
    those.map(({ name }) => name),
  )
}

function named(reason: string, names: readonly string[]): string | null {
  return names.length === 0 ? null : `${reason}: ${names.join(', ')}`
}
