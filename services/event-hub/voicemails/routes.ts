import { CodedError } from '@switchhook/shared/errors'
import { openVoicemails } from '@switchhook/shared/journal'
import { Page } from '../../paging.ts'
import { ownersOf } from '../calls/owners.ts'
import { teller } from '../publish/tell.ts'
import { principalOf } from '../../rest.ts'
import { orUnavailable } from '../../within.ts'
import { listFor } from './list.ts'
import { markOf } from './mark.ts'
import { Filter, Heard, OfVoicemail, Voicemail } from './schema.ts'
import { viewOf } from './view.ts'
import type { Voicemails } from '@switchhook/shared/journal'
import type { VoicemailRecord } from '@switchhook/shared/projections'
import type { Static } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'

interface One {
  Params: Static<typeof OfVoicemail>
}

interface Parts {
  readonly app: FastifyInstance
  readonly voicemails: Voicemails
}

const tags = ['voicemails']

/** `GET /api/voicemails`, `GET|PATCH /api/voicemails/:id`: what callers left, and who has heard it. */
export function voicemailRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const parts = { app, voicemails: openVoicemails(app.store) }
  listRoute(scope, parts)
  oneRoute(scope, parts)
  markRoute(scope, parts)
}

function listRoute(scope: FastifyInstance, { app, voicemails }: Parts): void {
  const schema = {
    summary: 'List voicemails',
    description:
      'What callers left, newest first. A page may have fewer voicemails than `limit`: go on while `next` is not ' +
      'null. An agent sees its own ones.',
    operationId: 'listVoicemails',
    tags,
    querystring: Filter,
    response: { 200: Page(Voicemail) },
  }
  scope.get<{ Querystring: Filter }>('/api/voicemails', { schema }, async (request) => {
    const sources = { voicemails, mappings: app.mappings, journal: app.journal }
    const { records, next } = await listFor(principalOf(request), request.query, sources)
    return { items: records.map((record) => viewOf(record)), next }
  })
}

function oneRoute(scope: FastifyInstance, parts: Parts): void {
  const schema = {
    summary: 'Get a voicemail',
    operationId: 'getVoicemail',
    tags,
    params: OfVoicemail,
    response: { 200: Voicemail },
  }
  scope.get<One>('/api/voicemails/:id', { schema }, async (request) =>
    viewOf(await find(request, parts)),
  )
}

function markRoute(scope: FastifyInstance, parts: Parts): void {
  const tell = teller(parts.app)
  const schema = {
    summary: 'Mark a voicemail as heard',
    description:
      'Or as not heard after all. Every client is told by an event `voicemail-heard`; nothing happens if it is so already.',
    operationId: 'markVoicemail',
    tags,
    params: OfVoicemail,
    body: Heard,
    response: { 200: Voicemail },
  }
  scope.patch<One & { Body: Heard }>('/api/voicemails/:id', { schema }, async (request) => {
    const voicemail = await find(request, parts)
    const { heard } = request.body
    if (voicemail.heard === heard) return viewOf(voicemail)
    const { app, sub: by } = principalOf(request)
    await tell(markOf(voicemail, { app, by, heard, nowMs: Date.now() }))
    return viewOf(await find(request, parts))
  })
}

/** What the request is about. @throws CodedError `voicemail_not_found`, also for those of others */
async function find(
  request: FastifyRequest<One>,
  { app: { mappings }, voicemails }: Parts,
): Promise<VoicemailRecord> {
  const { app, role, sub } = principalOf(request)
  const { id } = request.params
  const found = await orUnavailable(voicemails.get(app, id.toLowerCase()))
  const isSeen = found && (role === 'supervisor' || ownersOf(mappings, app, found).includes(sub))
  if (isSeen) return found
  throw new CodedError('voicemail_not_found', { args: [id], parameter: 'id' })
}
