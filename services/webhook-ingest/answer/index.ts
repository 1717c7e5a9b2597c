import { Type, type Static } from 'typebox'
import { synchronousTypeOf, type SynchronousType } from '@switchhook/shared/providers/vapi'
import { answerMetrics, type AnswerMetrics } from './metrics.ts'
import { openRelay, type Relay } from './relay.ts'
import { followStaticAnswers, readStaticAnswers, type StaticAnswers } from './static-answers.ts'
import type { Delivery } from '@switchhook/shared/providers'
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'

interface Mistake {
  readonly name: string
  readonly reason: string
  readonly example?: string
}

export const Options = Type.Object({
  relayUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#@]+(?:[/?#]\\S*)?$',
      env: 'VAPI_RELAY_URL',
      secret: true,
      description:
        'Your own server for what Vapi waits for an answer to (`assistant-request`, `tool-calls` …): it gets the body as it came, without our credential, and has 6 s.',
      example: 'https://assistants.internal/vapi',
    }),
  ),
  staticAnswerFile: Type.Optional(
    Type.String({
      env: 'VAPI_STATIC_ANSWER_FILE',
      description:
        'JSON with the answers that are given when there is no relay or it fails: an object by type of message, `default` for every other type. It is read again when it changes.',
      example: '/etc/switchhook/vapi-answers.json',
    }),
  ),
})

export type Options = Static<typeof Options>

/** Answers what a provider waits for. */
export interface Answering {
  /**
   * The JSON object to answer a delivery with, in little more than 6 s at worst; null if nothing is configured for it,
   * or it waits for nothing. Never rejects.
   */
  answer(delivery: Delivery): Promise<unknown>
  /** Gives up what is under way. */
  close(): Promise<void>
}

interface Parts {
  readonly log: FastifyBaseLogger
  readonly metrics: Registry
  /** From the question to the last byte of the relay's answer: with what else there is to do, within Vapi's 7.5 s. */
  readonly deadlineMs?: number
  /** Questions the relay is asked at the same time; beyond them the static answer is given at once. */
  readonly mostUnderWay?: number
}

interface Means {
  readonly relay: Relay | null
  readonly answers: StaticAnswers | null
  readonly metrics: AnswerMetrics
  readonly log: FastifyBaseLogger
}

/** Mistakes a schema cannot see. */
export function answerMistakes({ relayUrl, staticAnswerFile: path }: Options): Mistake[] {
  const mistakes: Mistake[] = []
  if (relayUrl !== undefined && !URL.canParse(relayUrl)) {
    mistakes.push({ name: 'VAPI_RELAY_URL', reason: 'is not an http(s) URL' })
  }
  const read = path === undefined ? null : readStaticAnswers(path)
  if (typeof read === 'string') mistakes.push({ name: 'VAPI_STATIC_ANSWER_FILE', reason: read })
  return mistakes
}

/**
 * Answers from the relay, else from the file.
 * @throws Error if the file is not usable; `answerMistakes` has said so before
 */
export function answering(options: Options, parts: Parts): Answering {
  const { relayUrl, staticAnswerFile } = options
  const { log, deadlineMs = 6_000, mostUnderWay = 100 } = parts
  const relay = relayUrl === undefined ? null : openRelay(relayUrl, { deadlineMs, mostUnderWay })
  const answers = staticAnswerFile === undefined ? null : followStaticAnswers(staticAnswerFile, log)
  const means: Means = { relay, answers, log, metrics: answerMetrics(parts.metrics) }
  return {
    async answer(delivery) {
      const type = synchronousTypeOf(delivery)
      if (type === null) return null
      return (await relayed(delivery, type, means)) ?? (await fallback(type, means))
    },
    close: async () => relay?.close(),
  }
}

async function relayed(
  delivery: Delivery,
  type: SynchronousType,
  { relay, metrics, log }: Means,
): Promise<unknown> {
  if (!relay) return null
  const outcome = await relay.ask(delivery.body)
  if (outcome.ok) {
    metrics.answered('relayed')
    return outcome.answer
  }
  const { reason, status } = outcome
  metrics.failed(reason)
  log.warn({ reason, type, ...(status !== undefined && { status }) }, 'relay gave no answer')
  return null
}

async function fallback(type: SynchronousType, { answers, metrics }: Means): Promise<unknown> {
  const answer = (await answers?.of(type)) ?? null
  metrics.answered(answer === null ? 'receipt' : 'static')
  return answer
}
