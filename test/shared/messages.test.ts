import t from 'tap'
import { eventName, eventTypes, type EventData as Data } from '@switchhook/shared/events'
import {
  CallRecord,
  clientMessages,
  controlFrames,
  EventData,
  EventFrame,
  PresenceEntry,
} from '@switchhook/shared/messages'
import type { Static, TSchema } from 'typebox'
import type { EventFrame as Frame } from '@switchhook/shared/events'
import type { CallRecord as Record } from '@switchhook/shared/projections'
import type { ControlFrames, PresenceEntry as Entry } from '@switchhook/shared/protocol'

/** Without `readonly`, which a schema does not say. */
type Plain<T> = T extends object ? { -readonly [Key in keyof T]: Plain<T[Key]> } : T
type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false

/** Does not compile unless the schema and the interface say the same. */
function says<Interface>() {
  return <Schema extends TSchema>(
    schema: Schema,
    _same: Same<Static<Schema>, Interface>,
  ): Schema => schema
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
