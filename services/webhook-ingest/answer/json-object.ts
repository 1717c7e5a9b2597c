/** The JSON object that is written in bytes; null if none is, or one that could not be written again. */
export function answerIn(bytes: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    if (!isObject(value)) return null
    // Parsing has no limit to depth, writing has.
    JSON.stringify(value)
    return value
  } catch {
    return null
  }
}

/** Whether a value is an object with fields. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
