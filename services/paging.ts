import { Type, type Static, type TProperties, type TSchema } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'

/** Where a credential may stand in a query, for those who can send no header. */
const credentials = {
  token: Type.Optional(Type.String()),
  api_key: Type.Optional(Type.String()),
  ticket: Type.Optional(Type.String()),
}

/** A query with these parameters and no others: a filter that is misspelt must not be taken for none. */
export function Query<Properties extends TProperties>(properties: Properties) {
  return Type.Object({ ...properties, ...credentials }, { additionalProperties: false })
}

/** What every list understands. */
export const Paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: 'Items of a page; 50 if not given.' }),
  ),
  cursor: Type.Optional(
    Type.String({ maxLength: 512, description: 'The `next` of the page before; none: the first.' }),
  ),
}

export const defaultLimit = 50

/** A page of a list. */
export function Page<Item extends TSchema>(item: Item) {
  return Type.Object(
    {
      items: Type.Array(item),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'The `cursor` of the next page; null: this is the last one.',
      }),
    },
    { description: 'A page of the list.' },
  )
}

export type Page<Item extends TSchema> = Static<ReturnType<typeof Page<Item>>>

/** The number of an event, in a cursor: one that no store can hold names no place. */
export const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const firstTime = Date.parse('0000-01-01T00:00:00.000Z')
const lastTime = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * A time of a query as stores have them: UTC, milliseconds, four digits of a year whatever the offset makes of it.
 * RFC 3339 knows leap seconds, which the clocks of computers do not. @throws CodedError `invalid_parameter`
 */
export function timeIn(text: string | undefined, parameter: string): string | null {
  if (text === undefined) return null
  const time = Date.parse(text)
  if (!Number.isNaN(time)) {
    return new Date(Math.min(Math.max(time, firstTime), lastTime)).toISOString()
  }
  const args = [`${parameter}: there is no such time`]
  throw new CodedError('invalid_parameter', { args, parameter })
}

/** The place behind an item as opaque text: JSON values in the order of the list's keys. */
export function cursorOf(place: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** The place a cursor names, if the values have the shape of the list's keys; otherwise undefined. */
export function placeOf<Schema extends TSchema>(
  cursor: string,
  check: { Check(value: unknown): boolean } & { Type?: () => Schema },
): Static<Schema> | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return check.Check(place) ? (place as Static<Schema>) : undefined
  } catch {
    return undefined
  }
}

/**
 * The place that a request goes on after; null: it begins.
 * @throws CodedError `invalid_parameter` if the cursor is none of this list
 */
export function placeIn<Place>(cursor: string | undefined, check: PlaceCheck<Place>): Place | null {
  if (cursor === undefined) return null
  const place: unknown = placeOf(cursor, check)
  if (check.Check(place)) return place
  const args = ['cursor: it is not the `next` of a page']
  throw new CodedError('invalid_parameter', { args, parameter: 'cursor' })
}

interface PlaceCheck<Place> {
  Check(value: unknown): value is Place
}
