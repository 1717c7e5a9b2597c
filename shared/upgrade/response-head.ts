/** The head of an HTTP response. */
export interface ResponseHead {
  readonly status: number
  /** `Not Found`, or nothing. */
  readonly reason: string
  /** By name in lower case; of several of one name the values joined with commas. */
  readonly headers: ReadonlyMap<string, string>
}

const statusLine = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/

/**
 * Reads the head of a response as strictly as RFC 9112 §4 and §5 are written: no folding, no bare line feeds.
 * @param text without the empty line at its end, an octet a character; null if it is not one
 */
export function parseResponseHead(text: string): ResponseHead | null {
  const [first = '', ...lines] = text.split('\r\n')
  const [, status, reason = ''] = statusLine.exec(first) ?? []
  if (status === undefined) return null
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, raw] = field.exec(line) ?? []
    if (name === undefined || raw === undefined) return null
    const [key, value] = [name.toLowerCase(), raw.replace(/^[\t ]+|[\t ]+$/g, '')]
    const earlier = headers.get(key)
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return { status: Number(status), reason: reason.trim(), headers }
}
