import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta name="color-scheme" content="light dark" />
    <title>Switchhook API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/page.css" />
    <script src="/docs/swagger-ui.js" defer></script>
    <script src="/docs/page.js" defer></script>
  </head>
  <body>
    <main id="api"></main>
    <noscript>This page needs JavaScript; <a href="/openapi.json">the document</a> does not.</noscript>
  </body>
</html>
`

const settings = {
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
  // Or it asks a server of others whether the document is right.
  validatorUrl: null,
}

/** Swagger UI has colours for the dark, and takes them by a class. */
const start = `
const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()
SwaggerUIBundle(${JSON.stringify(settings)})
`

const library = (name: string): URL =>
  new URL(import.meta.resolve(`@fastify/swagger-ui/static/${name}`))

const script = 'text/javascript; charset=utf-8'
const style = 'text/css; charset=utf-8'

const assets = {
  '/docs/swagger-ui.js': { type: script, file: library('swagger-ui-bundle.js') },
  '/docs/swagger-ui.css': { type: style, file: library('swagger-ui.css') },
  '/docs/page.css': { type: style, file: new URL('page.css', import.meta.url) },
}

/** `GET /docs`: the document for people, to read and to try, by Swagger UI; nothing of it comes from elsewhere. */
export async function page(app: FastifyInstance): Promise<void> {
  for (const path of ['/docs', '/docs/']) {
    app.get(path, (_request, reply) => reply.headers(headers).type('text/html').send(html))
  }
  app.get('/docs/page.js', (_request, reply) => reply.headers(headers).type(script).send(start))
  for (const [path, { type, file }] of Object.entries(assets)) {
    // Read and packed when somebody looks, and then kept: most processes are never asked.
    let packed: Promise<Buffer> | undefined
    app.get(path, async (_request, reply) => {
      packed ??= readFile(file).then((text) => promisify(gzip)(text))
      return reply
        .headers({ ...headers, 'content-encoding': 'gzip' })
        .type(type)
        .send(await packed)
    })
  }
}
