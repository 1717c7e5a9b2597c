import type { FastifySchema } from 'fastify'
import { credentialNames, securityOf } from './security.ts'

interface Route {
  readonly schema: FastifySchema
  readonly url: string
}

interface Query {
  readonly properties?: Readonly<Record<string, unknown>>
}

/** A route's schema as the document needs it: who may call it, and credentials apart from the parameters. */
export function transform({ schema, url }: Route): { schema: FastifySchema; url: string } {
  const described = { ...schema, security: schema?.security ?? securityOf(url) }
  const { querystring } = schema ?? {}
  if (querystring) described.querystring = withoutCredentials(querystring)
  return { schema: described, url }
}

/** They stand in the query of every list, and once in the document: as the schemes of its security. */
function withoutCredentials(query: Query): Query {
  const properties = Object.entries(query.properties ?? {})
  return {
    ...query,
    properties: Object.fromEntries(properties.filter(([name]) => !credentialNames.has(name))),
  }
}
