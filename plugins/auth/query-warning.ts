import type { FastifyBaseLogger } from 'fastify'
import type { Principal } from './principal.ts'

const dayMs = 86_400_000
/** Users that are remembered to have been named; then they are named once more. */
const maxUsers = 10_000

/** Says once a user and day that a credential came in the query, which proxies in front may log. */
export function queryWarning(log: FastifyBaseLogger): (principal: Principal) => void {
  const named = new Map<string, number>()
  return ({ app, sub, credential }) => {
    const now = Date.now()
    const user = `${app}/${sub}`
    if (now - (named.get(user) ?? -Infinity) < dayMs) return
    if (named.size >= maxUsers) named.clear()
    named.set(user, now)
    log.warn({ app, sub, credential, fix: 'use POST /api/ws/ticket' }, 'credential in a query')
  }
}
