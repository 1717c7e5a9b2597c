import { Type } from 'typebox'
import { mostApps } from '@switchhook/shared/directory'
import { Page, Paging, Query } from '../../paging.ts'
import { OfApp } from './of-app.ts'

const Name = Type.String({
  maxLength: 200,
  // Something to see, of whole characters, without control characters.
  pattern: '^(?=.*\\S)[^\\p{Cc}\\p{Cs}]*$',
  mistake: 'must be something to see, without control characters',
  description: 'For people; need not be unique. Spaces around it are left out.',
})
const Active = Type.Boolean({
  description: 'False: tokens, API keys and webhooks of the app are refused and its sockets close.',
})

/** An app as operators see it. */
export const Answer = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: Name,
    active: Active,
    createdAt: Type.String({ format: 'date-time' }),
  },
  { description: 'The app.' },
)

const strict = { additionalProperties: false, examples: [{ name: 'Branch 2' }] }
export const New = Type.Object({ name: Name }, strict)
export const Changes = Type.Object(
  { name: Type.Optional(Name), active: Type.Optional(Active) },
  strict,
)
export const Asked = Query(Paging)

const tags = ['apps']

export const listApps = {
  tags,
  operationId: 'listApps',
  summary: 'List apps',
  description: 'Oldest first. The first one is the app of webhook addresses without an app id.',
  querystring: Asked,
  response: { 200: Page(Answer) },
}

export const createApp = {
  tags,
  operationId: 'createApp',
  'x-refused': ['Conflict'],
  summary: 'Create an app',
  description: `As soon as there are two, every token has to say whose it is, by its claim \`app\`. ${mostApps} apps at most.`,
  body: New,
  response: { 201: Answer },
}

export const updateApp = {
  tags,
  operationId: 'updateApp',
  summary: 'Rename an app, or switch it off or on',
  description: 'Every process knows within a second; when it is off, sockets close within five.',
  params: OfApp,
  body: Changes,
  response: { 200: Answer },
}
