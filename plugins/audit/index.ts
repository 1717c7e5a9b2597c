import fp from 'fastify-plugin'
import { openAudit, type Audit } from '@switchhook/shared/audit'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    audit: Audit
  }
}

/** `app.audit`: who did what, when, from where. */
async function audit(app: FastifyInstance): Promise<void> {
  app.decorate('audit', openAudit(app.store))
}

export default fp(audit, { name: 'audit', fastify: '5.x', dependencies: ['store'] })
