import { Type } from 'typebox'
import { Page, Paging, Query } from '../../paging.ts'
import { plainText } from '../../text.ts'

export const Asked = Query({
  aor: Type.Optional(
    Type.String({
      maxLength: 512,
      ...plainText,
      description: 'Only of this address, `sip:1001@pbx.example.com`, or without `sip:`.',
    }),
  ),
  user: Type.Optional(
    Type.String({
      maxLength: 512,
      ...plainText,
      description: 'Only of this SIP user, `1001`, at any host.',
    }),
  ),
  upstream: Type.Optional(
    Type.String({
      maxLength: 256,
      ...plainText,
      description: 'Only at this upstream, by its name.',
    }),
  ),
  ...Paging,
})

const text = (description: string) => Type.String({ description })
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description })

const Registration = Type.Object(
  {
    aor: text('The address that is registered, `sip:1001@pbx.example.com`.'),
    contact: text('The URI under which the browser is reached, as it sent it.'),
    shadowContact: Type.Null({ description: 'There is no second registrar.' }),
    instance: orNull('The `+sip.instance` of the browser, `<urn:uuid:…>`.'),
    userAgent: orNull('What it says it is.'),
    address: text('Where its socket comes from.'),
    upstream: text('Name of the upstream that took it.'),
    grantedSeconds: Type.Integer({ description: 'For how long the PBX took it.' }),
    remainingSeconds: Type.Integer({ description: 'Until it is over, unless it is refreshed.' }),
    shadow: Type.Null({ description: 'There is no second registrar.' }),
  },
  { title: 'Registration', description: 'A contact that a PBX took from a browser.' },
)

export const Listing = Page(Registration)
