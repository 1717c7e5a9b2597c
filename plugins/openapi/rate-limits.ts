const header = (description: string, schema: object = { type: 'integer', minimum: 0 }) => ({
  description,
  schema,
})

/** What every answer of a route with a limit says about it. */
export const limitHeaders = {
  'RateLimit-Limit': header('Requests that are allowed in a window.'),
  'RateLimit-Remaining': header('Those that are left in this one.'),
  'RateLimit-Reset': header('Seconds until the next one begins.'),
  RateLimit: header('The same in one line.', { type: 'string' }),
  'RateLimit-Policy': header('The limit and its window.', { type: 'string' }),
  'Retry-After': header('Seconds after which a retry makes sense.'),
}

/** The references to them, as an answer has them. */
export const limitReferences = Object.fromEntries(
  Object.keys(limitHeaders)
    .filter((name) => name !== 'Retry-After')
    .map((name) => [name, { $ref: `#/components/headers/${name}` }]),
)
