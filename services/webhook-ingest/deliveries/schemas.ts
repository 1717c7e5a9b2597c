import { Type } from 'typebox'
import { EventFrame } from '@switchhook/shared/messages'
import { Paging, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'

const uuid = (description: string) => Type.String({ format: 'uuid', description })
const app = Type.Optional(uuid('The app; the first one if it is not said.'))
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, ...plainText, description })
const count = (description: string) => Type.Integer({ minimum: 0, description })

export const Params = Type.Object({ id: uuid('The delivery.') })

export const List = Query({
  app,
  status: Type.Optional(
    Type.Enum(['accepted', 'quarantined', 'conflict', 'duplicate', 'purged'], {
      description: 'What became of them; without it all but duplicates.',
    }),
  ),
  provider: Type.Optional(text(64, 'Of this one alone.')),
  after: Type.Optional(text(512, 'The `next` of the page before.')),
  limit: Paging.limit,
})

export const One = Type.Object({
  app,
  unmasked: Type.Optional(
    Type.Boolean({
      description:
        '`true`: with numbers and words as they came; the audit log remembers who looked.',
    }),
  ),
})

export const Purge = Type.Object(
  {
    app,
    number: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: 64,
        ...plainText,
        description: 'What mentions it; without it everything that the app has received.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ number: '+12025550131' }] },
)

const moment = (description: string) => Type.String({ format: 'date-time', description })

export const Range = Type.Object(
  {
    app,
    from: moment('The first moment.'),
    to: moment('The last one.'),
    call: Type.Optional(text(512, 'Of this call alone.')),
    after: Type.Optional(text(512, 'The `next` of the answer before.')),
  },
  {
    additionalProperties: false,
    examples: [{ from: '2026-01-31T12:00:00Z', to: '2026-01-31T13:00:00Z' }],
  },
)

const next = Type.Union([Type.String(), Type.Null()], {
  description: 'Goes on as `after`; null: that was all.',
})

const item = {
  id: uuid('The delivery.'),
  provider: Type.String(),
  status: Type.Enum(['accepted', 'quarantined', 'conflict', 'duplicate', 'purged']),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it was quarantined.' }),
  receivedAt: Type.String({ format: 'date-time' }),
  bytes: count('What is kept of it.'),
}

const Delivery = Type.Object(item, { title: 'Delivery', description: 'What a provider sent.' })

const Request = Type.Object(
  {
    method: Type.String(),
    url: Type.String(),
    headers: Type.Record(Type.String(), Type.Unknown()),
    body: Type.Unknown({ description: 'Masked: its JSON or form; otherwise the text.' }),
  },
  { description: 'The request, as it came.' },
)

const Whole = Type.Object(
  {
    ...item,
    dedupeKey: Type.String({ description: 'What a copy of it is known by.' }),
    events: Type.Array(Type.String(), { description: 'The ids of its events.' }),
    request: Type.Union([Request, Type.Null()], { description: 'Null once it was removed.' }),
  },
  { description: 'What it said.' },
)

const Rerun = Type.Object(
  {
    status: Type.Enum(['accepted', 'duplicate', 'quarantined'], {
      description: '`accepted`: it means something now. `duplicate`: it already did.',
    }),
    events: Type.Array(Type.String(), { description: 'The ids of its events.' }),
  },
  { description: 'What became of it.' },
)

const counts = {
  accepted: count('Those that mean something now.'),
  duplicate: count('Those that already did.'),
  quarantined: count('Those that still mean nothing.'),
  purged: count('Those of which nothing is left.'),
  sealed: count('Those whose key is not among `SECRETS_KEY`.'),
}

const tags = ['deliveries']

export const listDeliveries = {
  tags,
  operationId: 'listDeliveries',
  summary: 'List what providers sent',
  description: 'Those that came last first.',
  querystring: List,
  response: {
    200: Type.Object({ items: Type.Array(Delivery), next }, { description: 'A page of them.' }),
  },
}

export const getDelivery = {
  tags,
  operationId: 'getDelivery',
  summary: 'See a delivery as it came',
  description: 'Secrets, numbers and words are masked unless you ask to see them.',
  params: Params,
  querystring: One,
  response: { 200: Whole },
}

export const replayDelivery = {
  tags,
  operationId: 'replayDelivery',
  'x-refused': ['Gone'],
  summary: 'Run a delivery again',
  description:
    'For after a fix: what meant nothing, and means something now, joins the log at its end.',
  params: Params,
  querystring: One,
  response: { 200: Rerun },
}

export const deleteDelivery = {
  tags,
  operationId: 'deleteDelivery',
  summary: 'Remove what a delivery said',
  description: 'That it came is remembered, so that a late copy of it is known.',
  params: Params,
  querystring: One,
  response: { 204: Type.Null({ description: 'It is gone.' }) },
}

export const purgeDeliveries = {
  tags,
  operationId: 'purgeDeliveries',
  summary: "Remove what was said by or about somebody's number",
  description: 'Also from events, calls and voicemails. It cannot be undone.',
  body: Purge,
  response: {
    200: Type.Object(
      {
        deliveries: count('Deliveries.'),
        events: count('Events.'),
        calls: count('Calls.'),
        voicemails: count('Voicemails.'),
      },
      { description: 'How much was removed.' },
    ),
  },
}

export const replayDeliveries = {
  tags,
  operationId: 'replayDeliveries',
  summary: 'Run the deliveries of a time again',
  description: 'At most 500 at once; `next` goes on.',
  body: Range,
  response: {
    200: Type.Object(
      { deliveries: count('Those that were looked at.'), ...counts, next },
      { description: 'What became of them.' },
    ),
  },
}

export const replayEvents = {
  tags,
  operationId: 'replayEvents',
  summary: 'Read the events of a time again',
  description: 'With their ids, marked `replay`; nobody else notices.',
  querystring: Range,
  response: {
    200: Type.Object(
      { events: Type.Array(EventFrame), next },
      { description: 'Some of them; there may be none while `next` goes on.' },
    ),
  },
}
