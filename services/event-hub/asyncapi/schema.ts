import {
  Agent,
  CallRecord,
  EventData,
  EventFrame,
  LegRecord,
  PresenceEntry,
} from '@switchhook/shared/messages'
import type { TSchema } from 'typebox'

/** Schemas that stand once in the document, by their title. */
const named: Readonly<Record<string, TSchema>> = {
  Agent,
  CallRecord,
  EventData,
  EventFrame,
  LegRecord,
  PresenceEntry,
}

/** Any JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** A schema as JSON, with those that have a name as references to it. */
export function schemaJson(schema: TSchema): Json {
  return referring(JSON.parse(JSON.stringify(schema)) as Json, null)
}

/** All schemas with a name. */
export function namedSchemas(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(named).map(([name, schema]) => [
      name,
      referring(JSON.parse(JSON.stringify(schema)) as Json, name),
    ]),
  )
}

/** @param own the name of the schema that is being written out */
function referring(value: Json, own: string | null): Json {
  if (Array.isArray(value)) return value.map((item) => referring(item, null))
  if (typeof value !== 'object' || value === null) return value
  const { title } = value
  if (typeof title === 'string' && title !== own && title in named) {
    return { $ref: `#/components/schemas/${title}` }
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, referring(item, null)]),
  )
}
