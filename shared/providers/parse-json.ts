const byteOrderMark = '\uFEFF'
/** A digit run this long may pass 2^53; inside a string it only costs the slower path. */
const mayHoldLongInteger = /(?:^|[\s:,[])-?\d{16}/
/** Escapes and quotes, which tell whether a digit stands in a string, and the numbers themselves. */
const tokens = /\\.|"|-?\d[\d.eE+-]*/g
const integer = /^-?\d{16,}$/

/**
 * Parses a JSON body (RFC 8259) without rounding ids: an integer beyond ±(2^53 - 1) becomes the
 * string of its digits. A byte order mark is skipped, invalid UTF-8 becomes U+FFFD, and keys such
 * as `__proto__` are ordinary own properties. Works at any nesting depth.
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(body: Buffer): unknown {
  const decoded = body.toString('utf8')
  const text = decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded
  const parsed: unknown = JSON.parse(text)
  return mayHoldLongInteger.test(text) ? JSON.parse(quoteLongIntegers(text)) : parsed
}

/**
 * Needs text that has been parsed once, so that quoting cannot make a right string of a wrong
 * number. No reviver with `context.source`: it recurses, and overflows near 2,300 levels in V8 13.
 */
function quoteLongIntegers(json: string): string {
  let inString = false
  return json.replace(tokens, (token) => {
    if (token === '"') inString = !inString
    const rounds = !inString && integer.test(token) && !Number.isSafeInteger(Number(token))
    return rounds ? `"${token}"` : token
  })
}
