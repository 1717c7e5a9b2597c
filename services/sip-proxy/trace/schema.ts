import { Type, type Static } from 'typebox'
import { Page, Paging, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'

const moment = (description: string) => Type.String({ format: 'date-time', description })
const words = (description: string) => Type.String({ description })
const Count = (description: string) => Type.Integer({ minimum: 0, description })

const Aor = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern:
    '^(?:sips?:)?[^@:;?<>"\\s\\p{Cc}\\p{Cs}]+(?:@(?:\\[[0-9A-Fa-f:.]+\\]|[^@:;?<>"\\s\\p{Cc}\\p{Cs}]+)(?::\\d{1,5})?)?$',
  mistake: 'must be a SIP user such as sip:1001@example.com, or 1001 at any host',
  description: 'Whose: `sip:1001@example.com`, or `1001` at any host.',
})
const CallId = words('The `Call-ID` of its messages.')

export const NewTrace = Type.Object(
  {
    aor: Aor,
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 60, description: 'How long; 10 if not given.' }),
    ),
  },
  { additionalProperties: false, examples: [{ aor: 'sip:1001@example.com', minutes: 10 }] },
)
export type NewTrace = Static<typeof NewTrace>

export const Started = Type.Object(
  { aor: words('As it is named from now on.'), until: moment('When it ends by itself.') },
  {
    description: 'Who is traced, and until when; other processes know within a second.',
    examples: [{ aor: 'sip:1001@example.com', until: '2026-11-21T15:21:24.672Z' }],
  },
)

export const OfAor = Query({ aor: Aor })
export type OfAor = Static<typeof OfAor>

export const Asked = Query({
  call: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      ...plainText,
      description:
        'The `Call-ID` of a call: its messages. Without it: who is traced, and which calls were.',
    }),
  ),
  ...Paging,
})
export type Asked = Static<typeof Asked>

const Traced = Type.Object({
  aor: words('Whose messages.'),
  by: words('Who wanted it.'),
  startedAt: moment('When it began.'),
  until: moment('When it ends, or ended.'),
  state: Type.Enum(['active', 'ended', 'full'] as const, {
    description: '`full`: it has as many messages as it may have, and ended.',
  }),
  messages: Count('Messages that it has written down.'),
  dropped: Count('Messages that it was to write down and did not.'),
})

const Call = Type.Object({
  call: CallId,
  method: words('Of the first message that was written down.'),
  from: words('Who sent the first request; empty if its address names nobody.'),
  to: words('As `from`.'),
  upstream: words('Name of the upstream.'),
  startedAt: moment('When its first message passed.'),
  lastAt: moment('When its last message passed.'),
  messages: Count('Its messages.'),
})

export const Listing = Type.Object(
  {
    traced: Type.Array(Traced, {
      description: 'Who is or was traced, the newest first; kept for an hour after the end.',
    }),
    ...Page(Call).properties,
  },
  {
    title: 'SipTraces',
    description: 'Who is traced, and a page of the calls written down, the newest first.',
  },
)

const Message = Type.Object({
  at: moment('When it passed.'),
  from: Type.Enum(['browser', 'upstream'] as const, { description: 'Who sent it.' }),
  upstream: words('Name of the upstream.'),
  address: words("The browser's address."),
  port: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Of its socket: it tells browsers behind one address apart.',
  }),
  startLine: words('Its first line.'),
  message: words('All of it, without passwords, tokens and keys of media.'),
})

export const Ladder = Type.Object(
  {
    call: CallId,
    messages: Type.Array(Message, { description: 'In the order they passed.' }),
    complete: Type.Boolean({ description: 'Whether nothing of it is missing so far.' }),
    missing: Type.Union([Type.Enum(['beginning', 'end', 'lost', 'limit'] as const), Type.Null()], {
      description:
        'What is missing: its `beginning`, for it was there before the trace; its `end`, for the trace ended before it; what got `lost` on the way to the store, or would not fit into the `limit` of a trace.',
    }),
  },
  { title: 'SipLadder', description: 'The messages of a call.' },
)
