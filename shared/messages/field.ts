import { Type } from 'typebox'

/** Text that needs a word. */
export const words = (description: string) => Type.String({ description })

/** A number of an event, or of things; bytes, milliseconds where the description says so. */
export const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description !== undefined && { description }) })

/** RFC 3339, UTC. */
export const time = (description?: string) =>
  Type.String({ format: 'date-time', ...(description !== undefined && { description }) })

/** `<epoch>:<seq>` as the hub says it. */
export const cursor = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9]{1,32}:[0-9]{1,15}$', description })

export const orNull = <Schema extends Type.TSchema>(schema: Schema) =>
  Type.Union([schema, Type.Null()])
