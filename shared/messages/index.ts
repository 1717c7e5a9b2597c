import { Compile } from 'typebox/compile'
import { CodedError } from '../errors/index.ts'
import { clientMessages } from './client.ts'
import type { Static, TSchema } from 'typebox'

export { PresenceEntry } from './agent.ts'
export { Agent, CallRecord, Direction, LegRecord } from './call.ts'
export { clientAnswers, clientMessages } from './client.ts'
export { EventData, EventFrame } from './event.ts'
export { controlFrame, controlFrames } from './server.ts'

export type ClientType = keyof typeof clientMessages
export type ClientData<Name extends ClientType> = Static<(typeof clientMessages)[Name]>

const checks = new Map(
  Object.entries(clientMessages).map(([name, schema]) => [name, Compile(schema as TSchema)]),
)

/** Whether there is a message of this type. */
export function isClientType(type: string): type is ClientType {
  return checks.has(type)
}

/**
 * `data` of a client's message, if it is what the type asks for; what is beyond it is ignored.
 * @throws CodedError `bad_cursor` or `bad_frame`, naming the first mistake
 */
export function clientData<Name extends ClientType>(type: Name, data: unknown): ClientData<Name> {
  const check = checks.get(type)!
  if (check.Check(data)) return data as ClientData<Name>
  const [first] = check.Errors(data)
  const name = first!.instancePath.slice(1).replaceAll('/', '.')
  if (name === 'cursor') {
    throw new CodedError('bad_cursor', { args: [String((data as { cursor: unknown }).cursor)] })
  }
  throw new CodedError('bad_frame', { args: [`data${name && `.${name}`} ${first!.message}`] })
}
