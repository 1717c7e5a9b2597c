import { Type } from 'typebox'
import {
  clientAnswers,
  clientMessages,
  controlFrame,
  controlFrames,
  EventFrame,
} from '@switchhook/shared/messages'
import { clientExamples, eventExample, frameExamples } from './examples.ts'
import { schemaJson, type Json } from './schema.ts'
import type { TSchema } from 'typebox'

/** Names of messages in the document: a client's are called `say-…`, for some words are said by both sides. */
export const said = (type: string): string => `say-${type}`
export const clientNames = Object.keys(clientMessages).map(said)
export const frameNames = ['event', ...Object.keys(controlFrames)]

/** All messages, by name. */
export function messages(): Record<string, Json> {
  return {
    ...Object.fromEntries(
      Object.entries(clientMessages).map(([type, data]) => clientMessage(type, data)),
    ),
    event: message(EventFrame, {
      name: 'event',
      summary: describe(EventFrame),
      examples: [eventExample],
    }),
    ...Object.fromEntries(typedKeys(controlFrames).map(frameMessage)),
  }
}

function clientMessage(type: string, data: TSchema): [string, Json] {
  const id = Type.Union([Type.String({ maxLength: 64 }), Type.Number()], {
    description: 'Comes back in the answer.',
  })
  const payload = Type.Object({ type: Type.Literal(type), id: Type.Optional(id), data })
  const examples = clientExamples[type as keyof typeof clientExamples]
  return [said(type), message(payload, { name: type, summary: describe(data), examples })]
}

function frameMessage(name: keyof typeof controlFrames): [string, Json] {
  const examples = [{ event: name, data: frameExamples[name] }]
  return [
    name,
    message(controlFrame(name), { name, summary: describe(controlFrames[name]), examples }),
  ]
}

interface Said {
  readonly name: string
  readonly summary: string
  readonly examples: readonly object[]
}

function message(payload: TSchema, { name, summary, examples }: Said): Json {
  return {
    name,
    summary,
    contentType: 'application/json',
    payload: schemaJson(payload),
    examples: examples.map((example) => ({ payload: JSON.parse(JSON.stringify(example)) as Json })),
  }
}

const describe = (schema: TSchema): string => (schema as { description?: string }).description ?? ''

const typedKeys = <Keys extends object>(object: Keys) => Object.keys(object) as (keyof Keys)[]

/** What answers a client's message. */
export function answersOf(type: string): readonly string[] {
  return clientAnswers[type as keyof typeof clientAnswers]
}
