import { Type } from 'typebox'
import { Compile } from 'typebox/compile'

const Place = Type.Tuple([Type.String({ format: 'date-time' }), Type.String({ format: 'uuid' })])

/** A place in a list by time: that of an item, and its id. */
export const TimePlace = Compile(Place)
