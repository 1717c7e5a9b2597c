/**
 * The same JSON written so that hardly anything on the way that reads and writes it leaves the bytes as they are:
 * pretty-printed, keys backwards, escapes nobody needs. Null if it is no JSON object.
 */
export function fragileJson(content: Buffer): Buffer | null {
  const value = objectIn(content)
  if (!value) return null
  const text = JSON.stringify(
    sorted(value, (a, b) => (a < b ? 1 : -1)),
    null,
    3,
  )
  return Buffer.from(text.replaceAll('/', String.raw`\/`).replaceAll('w', String.raw`\u0077`))
}

/** The same JSON as most write it: compact, keys sorted, ASCII. Null if it is no JSON object. */
export function sturdyJson(content: Buffer): Buffer | null {
  const value = objectIn(content)
  if (!value) return null
  const text = JSON.stringify(sorted(value, (a, b) => (a < b ? -1 : 1)))
  return Buffer.from(text.replace(/[\u0080-\uffff]/g, escaped))
}

function escaped(unit: string): string {
  return String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function objectIn(content: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(content.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

type Order = (a: string, b: string) => number

/** With the keys of every object in this order. It is our own sample, so it is not deep. */
function sorted(value: unknown, order: Order): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item, order))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => order(a, b))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item, order)]))
}
