/** Where TLS is spoken, and the name asked for. */
export interface Place {
  /** Host and port, for people. */
  readonly name: string
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly servername: string
}

export interface Waiting {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

const defaultPorts: Readonly<Record<string, number>> = { 'https:': 443, 'wss:': 443 }

/** @param servername the name to ask for, if it is not that of the URL */
export function placeOf(url: URL, servername?: string): Place {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (defaultPorts[url.protocol] ?? 80)
  const name = `${url.hostname}:${port}`
  return { name, host, port, servername: servername ?? host }
}
