import { payloadOf } from '../jwt.ts'

/** A token, or the same as a JSON string: some gateways wrap it. Nothing but one line end may follow. */
const asItIs = /^([\w-]+\.[\w-]+\.[\w-]*)(?:\r?\n)?$/
const inQuotes = /^"([\w-]+\.[\w-]+\.[\w-]*)"(?:\r?\n)?$/

/** The token that a body is; null if it is none. */
export function tokenOf(body: Buffer): string | null {
  const text = body.toString('latin1')
  const match = asItIs.exec(text) ?? inQuotes.exec(text)
  return match?.[1] ?? null
}

/** The JSON a delivery brings, in a token or as it is; unproven. */
export function contentOf(body: Buffer): Buffer {
  const token = tokenOf(body)
  return (token !== null && payloadOf(token)) || body
}
