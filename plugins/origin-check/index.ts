import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import { judge, type Judgement } from './judge.ts'
import { Ledger } from './ledger.ts'
import { inWords, OriginList } from './list.ts'
import { originMetrics } from './metrics.ts'
import { ownOrigins } from './own.ts'
import { readList, type Allowed } from './read.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Mistake } from '@switchhook/shared/config'
import type { Tally } from './tally.ts'

export type { Judgement } from './judge.ts'
export type { Allowed } from './read.ts'
export type { Tally } from './tally.ts'

export const Options = Type.Object({
  allow: Type.Array(Type.String(), {
    env: 'ALLOWED_ORIGINS',
    separator: ' ',
    default: [],
    description:
      'Origins whose pages may connect, besides that of `PUBLIC_URL`; `https://*.example.com` is one label; `null`, `file://`, `app://name` literally. With `;until=2026-12-20;successor=https://new.example` after it that day is the last one.',
    example: 'https://crm.example.com https://*.example.com',
  }),
  frontendUrl: Type.Optional(
    Type.String({
      env: 'FRONTEND_URL',
      description: 'One more allowed origin.',
      example: 'https://crm.example.com',
    }),
  ),
  file: Type.Optional(
    Type.String({
      env: 'ORIGINS_FILE',
      description:
        'A file with more of them, one a line, `#` begins a comment. It is read again when it changes and at SIGHUP; sockets stay open.',
      example: '/etc/switchhook/origins',
    }),
  ),
  insecureAnyOrigin: Type.Boolean({
    env: 'INSECURE_ANY_ORIGIN',
    default: false,
    description: 'Needed to allow `*`: any page may then connect with a token it got hold of.',
  }),
})

/** What an origin may do. */
export interface OriginVerdict {
  readonly refusal: CodedError | null
  /** Set while it may still connect, but has a last day. */
  readonly deprecated: Deprecated | null
}

export interface Deprecated {
  /** As the browser sent it. */
  readonly origin: string
  /** The last day, UTC: `2026-12-20`. */
  readonly until: string
  readonly successor: string | null
}

/** The list and what came of it, for whoever shows it. */
export interface Origins {
  /** In the order they are asked; also those whose day is over. */
  readonly allowed: readonly Allowed[]
  readonly refused: readonly Tally[]
  readonly deprecated: readonly Tally[]
  /** What an origin would be told now; neither counted nor logged. */
  judge(origin: string): Judgement
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What the origin of a request may do; counted. A request without one is not a browser and passes. */
    originVerdict(request: FastifyRequest): OriginVerdict
    /** The refusal of a request's origin, or null. */
    originRefusal(request: FastifyRequest): CodedError | null
    /** Notes who came with an origin that has a last day; to be told once the credential is accepted. */
    originUsed(request: FastifyRequest, user: string): void
    origins: Origins
  }
  interface FastifyRequest {
    /** What its origin was told; however often it is asked, it is counted once. */
    originJudged: OriginVerdict | null
  }
}

/** Where this process's own page is served. */
interface Own {
  readonly publicUrl: string
  /** The port it listens on: localhost with it always passes. */
  readonly port: number
  /** The clock that ends origins, Unix milliseconds. */
  readonly now?: () => number
}

/** Mistakes in the list that its schema cannot see, those in the file too. */
export function originMistakes(options: Static<typeof Options>): Mistake[] {
  return readList(options).mistakes
}

/** `app.originVerdict`: exact and one-label wildcard origins, from one list, each perhaps with its last day. */
async function originCheck(
  app: FastifyInstance,
  { publicUrl, port, now = Date.now, ...written }: Static<typeof Options> & Own,
): Promise<void> {
  const own = ownOrigins(publicUrl, port)
  const list = await OriginList.open({ written, own, log: app.log })
  app.addHook('onClose', async () => list.close())
  app.log.info({ origins: list.allowed.map(inWords) }, 'origins allowed')
  const judged = (origin: string): Judgement => judge(origin, list.matcher, now())
  const fileUsable = written.file === undefined ? undefined : () => list.usable
  const metrics = originMetrics(app.metrics, { allowed: () => list.allowed, fileUsable, now })
  const ledger = new Ledger({ metrics, log: app.log, now })

  app.decorateRequest('originJudged', null)
  app.decorate('originVerdict', (request: FastifyRequest) => {
    const { origin } = request.headers
    if (origin === undefined) return noBrowser
    if (request.originJudged) return request.originJudged
    const judgement = judged(origin)
    ledger.enter(origin, judgement)
    return (request.originJudged = verdictOf(origin, judgement))
  })
  app.decorate('originRefusal', (request) => app.originVerdict(request).refusal)
  app.decorate('originUsed', (request, user) => {
    const { deprecated } = app.originVerdict(request)
    if (deprecated) ledger.enterUser(deprecated.origin, user)
  })
  app.decorate('origins', {
    judge: judged,
    get allowed() {
      return list.allowed
    },
    get refused() {
      return ledger.refused.all
    },
    get deprecated() {
      return ledger.deprecated.all
    },
  })
}

const noBrowser: OriginVerdict = { refusal: null, deprecated: null }

function verdictOf(origin: string, judgement: Judgement): OriginVerdict {
  if (!judgement.passes) {
    const refusal = new CodedError('origin_not_allowed', { args: [origin, judgement.fix] })
    return { refusal, deprecated: null }
  }
  const { until, successor } = judgement.entry
  return { refusal: null, deprecated: until === null ? null : { origin, until, successor } }
}

export default fp(originCheck, {
  name: 'origin-check',
  fastify: '5.x',
  dependencies: ['metrics'],
})
