type Security = Readonly<Record<string, readonly string[]>>[]

/** How a caller says who it is. */
export const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      "A user's token: `exp` and `sub`, signed with `JWT_SECRET`, `JWT_PUBLIC_KEY` or a key of `JWKS_URL`. A supervisor sees the whole app, an agent the calls that are mapped to the user.",
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-App-Api-Key',
    description: 'A key of an app, `app_…`: for programs. It sees the app as a supervisor does.',
  },
  tokenInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description:
      'The same token where no header can be sent; `ALLOW_QUERY_TOKENS=false` refuses it.',
  },
  apiKeyInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'api_key',
    description: 'The same key where no header can be sent; `ALLOW_QUERY_TOKENS=false` refuses it.',
  },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description: 'What `POST /api/ws/ticket` gave: for one connection, or an event stream.',
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: '`INTERNAL_API_SECRET`, for those who run the suite.',
  },
} as const

/** Parameters of a query that are credentials. */
export const credentialNames = new Set<string>(
  Object.values(securitySchemes).flatMap((scheme) =>
    scheme.type === 'apiKey' && scheme.in === 'query' ? [scheme.name] : [],
  ),
)

const user: Security = ['token', 'apiKey', 'tokenInQuery', 'apiKeyInQuery'].map((name) => ({
  [name]: [],
}))
const operator: Security = [{ operator: [] }]

/** Below `/api` a user or a key, below `/internal` the operator, elsewhere anybody; a route may say otherwise. */
export function securityOf(url: string): Security {
  if (url.startsWith('/api/')) return user
  return url.startsWith('/internal/') ? operator : []
}
