import { Type, type Static } from 'typebox'
import { Query } from '../../paging.ts'

const TextOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })

export const Answer = Type.Object(
  {
    ok: Type.Boolean({ description: 'Whether it would be connected.' }),
    code: Type.String({ description: '`ok`, or the code of the refusal.' }),
    message: Type.String({ description: 'The same in words.' }),
    fix: TextOrNull('What helps; null if nothing is wrong.'),
    origin: TextOrNull('Of the page that asks; null if no page does.'),
  },
  {
    description: 'What a connection would get.',
    examples: [
      {
        ok: false,
        code: 'upstream_bad_request',
        message: 'pbx.example.com:8089 answers 400 to the WebSocket handshake',
        fix: 'Its path or its subprotocol is another one: switchhook doctor sip finds out which.',
        origin: 'https://crm.example.com',
      },
    ],
  },
)

export type Answer = Static<typeof Answer>

/** `GET /api/sip-check` */
export const Check = {
  tags: ['sip'],
  operationId: 'checkSip',
  summary: 'Why is my phone not connected?',
  description:
    'What a SIP socket from here with these credentials would get: whether it is let in, and whether the PBX answers. Always 200 and readable from every page: it tells a page what a refused handshake cannot.',
  security: [{}, { token: [] }, { apiKey: [] }, { tokenInQuery: [] }, { apiKeyInQuery: [] }],
  querystring: Query({
    upstream: Type.Optional(
      Type.String({ description: 'A name or an id, as in `/api/sip-ws/:upstream`.' }),
    ),
  }),
  response: { 200: Answer },
}
