/** What was typed into a field, without spaces around it; empty if there is no such field. */
export function textIn(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
