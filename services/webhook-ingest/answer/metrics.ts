import { Counter, type Registry } from 'prom-client'
import type { RelayFailure } from './relay.ts'

/** What an answer was. */
type Given = 'relayed' | 'static' | 'receipt'

/** What answering counts. */
export interface AnswerMetrics {
  answered(given: Given): void
  failed(reason: RelayFailure): void
}

/** Registers the metrics of answers. */
export function answerMetrics(registry: Registry): AnswerMetrics {
  const registers = [registry]
  const answers = new Counter({
    name: 'switchhook_ingest_answers_total',
    help: 'Answers to providers that wait for one: relayed, static, or receipt where there was none',
    labelNames: ['answer'],
    registers,
  })
  const failures = new Counter({
    name: 'switchhook_ingest_relay_failures_total',
    help: 'Questions the relay gave no answer to, by reason',
    labelNames: ['reason'],
    registers,
  })
  return {
    answered: (answer) => answers.inc({ answer }),
    failed: (reason) => failures.inc({ reason }),
  }
}
