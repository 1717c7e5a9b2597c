/** Where a credential may stand; the first place that has one counts. */
export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A user’s token or an API key, for programs.',
  },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description:
      'For pages: `new WebSocket(url, ["switchhook.v1", "bearer.<token>"])`. The answer names `switchhook.v1` only.',
  },
  ticket: {
    type: 'httpApiKey',
    in: 'query',
    name: 'ticket',
    description:
      'Of `POST /api/ws/ticket`: one connection within 30 s from the origin that asked; for EventSource as many as it takes until the token ends.',
  },
  apiKey: {
    type: 'httpApiKey',
    in: 'header',
    name: 'X-App-Api-Key',
    description: 'For servers: sees the app as a supervisor does.',
  },
  token: {
    type: 'httpApiKey',
    in: 'query',
    name: 'token',
    description: 'While `ALLOW_QUERY_TOKENS` is not `false`; proxies may log it.',
  },
}

/** References to all of them: any one will do. */
export const anyCredential = Object.keys(securitySchemes).map((name) => ({
  $ref: `#/components/securitySchemes/${name}`,
}))
