import { fieldsOf, type Fields } from './untrusted.ts'

/** Names of fields whose value opens something: a live call, an account. */
const opening =
  /^(?:monitor|listen_?url|control_?url|credentials|authorization)$|(?:secret|password|api_?key|auth_?token|access_?token)$/i

/** A copy of fields without those that open something, however deep; the depth must be bounded already. */
export function withoutSecrets(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name]) => !opening.test(name))
  // fromEntries defines properties, so a key named __proto__ stays data.
  return Object.fromEntries(kept.map(([name, value]) => [name, cleaned(value)]))
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned)
  const fields = fieldsOf(value)
  return fields ? withoutSecrets(fields) : value
}
