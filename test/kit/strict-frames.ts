import { Ajv } from 'ajv'
import { controlFrame, controlFrames, EventFrame } from '@switchhook/shared/messages'

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const ajv = new Ajv({ strict: false, formats: { 'date-time': dateTime } })

const event = ajv.compile(closed(EventFrame) as object)
const controls = new Map(
  (Object.keys(controlFrames) as (keyof typeof controlFrames)[]).map((name) => [
    name as string,
    ajv.compile(closed(controlFrame(name)) as object),
  ]),
)

/** What is wrong with a frame by its schema, in which nothing may be that the schema does not name; null: nothing. */
export function mistakeIn(frame: { event: string; seq?: number }): string | null {
  const check = frame.seq === undefined ? controls.get(frame.event) : event
  if (!check) return `${frame.event}: there is no such frame`
  const frameFits: boolean = check(frame)
  if (frameFits) return null
  const [{ instancePath, message, params } = {}] = check.errors ?? []
  return `${frame.event}${instancePath} ${message} ${JSON.stringify(params)}`
}

/** The schema with every object closed for what it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.entries(schema).map(([name, part]) => [name, closed(part)])
  const copy = Object.fromEntries(parts) as Record<string, unknown>
  return 'properties' in schema ? { ...copy, additionalProperties: false } : copy
}
