import t from 'tap'
import { Value } from 'typebox/value'
import { eventName, eventTypes } from '@switchhook/shared/events'
import {
  CallRecord,
  clientMessages,
  controlFrames,
  EventData,
  EventFrame,
  PresenceEntry,
} from '@switchhook/shared/messages'
import type { Static, TSchema } from 'typebox'
import type { EventData as Data, EventFrame as Frame } from '@switchhook/shared/events'
import type { CallRecord as Record } from '@switchhook/shared/projections'
import type { ControlFrames, PresenceEntry as Entry } from '@switchhook/shared/protocol'

/** What a type says, field by field, with whether each may be left out; a schema does not say `readonly`. */
type Shape<T> = T extends object
  ? {
      -readonly [Key in keyof T]-?: [
        Shape<T[Key]>,
        Partial<Pick<T, Key>> extends Pick<T, Key> ? 'optional' : 'required',
      ]
    }
  : T
type Same<A, B> = [Shape<A>, Shape<B>] extends [Shape<B>, Shape<A>] ? true : false

/** Does not compile unless the schema and the interface say the same. */
function says<Interface>() {
  return <Schema extends TSchema>(schema: Schema, _same: Same<Static<Schema>, Interface>): Schema =>
    schema
}

type Controls = { [Name in keyof typeof controlFrames]: Static<(typeof controlFrames)[Name]> }

t.test('schemas say what the interfaces say, none more and none less', (t) => {
  const controls: Same<Controls, ControlFrames> = true
  t.ok(controls)
  t.ok(says<Frame>()(EventFrame, true))
  t.ok(says<Data>()(EventData, true))
  t.ok(says<Record>()(CallRecord, true))
  t.ok(says<Entry>()(PresenceEntry, true))
  t.end()
})

t.test('a field more, a field less and another word are noticed', (t) => {
  type Pong = ControlFrames['pong']
  const more: Same<Pong & { u?: number }, Pong> = false
  const required: Same<Required<Pong>, Pong> = false
  const other: Same<Omit<Pong, 't'> & { t?: string }, Pong> = false
  const deep: Same<{ list: { of: Pong & { u?: number } }[] }, { list: { of: Pong }[] }> = false
  t.notOk(more || required || other || deep)
  t.end()
})

t.test('every message and every frame says what it is for', (t) => {
  for (const [name, schema] of Object.entries({ ...clientMessages, ...controlFrames })) {
    t.match(schema, { description: /[.?]$/ }, name)
  }
  for (const type of eventTypes) {
    t.ok(Value.Check(EventFrame.properties.event, eventName(type)), type)
  }
  t.notOk(Value.Check(EventFrame.properties.event, 'no-such-event'))
  t.end()
})
