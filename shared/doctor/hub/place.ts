/** A URL below that of a deployment, for HTTP. */
export function below(base: URL, path: string): URL {
  const url = new URL(base)
  url.protocol = url.protocol.replace('ws', 'http')
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  url.search = ''
  return url
}

/** The URL of the deployment that a socket's belongs to. */
export function baseOf(socket: URL): URL {
  const url = below(socket, '')
  url.pathname = url.pathname.replace(/\/ws\/call$|\/[^/]*$/, '') || '/'
  return url
}

/** The URL of a deployment's socket. */
export function socketOf(base: URL): URL {
  const url = below(base, '/ws')
  url.protocol = url.protocol.replace('http', 'ws')
  return url
}
