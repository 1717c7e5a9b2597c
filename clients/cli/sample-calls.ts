import { setTimeout as sleep } from 'node:timers/promises'
import { eventName } from '@switchhook/shared/events'
import { deliver, type Receipt } from './delivery.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { Provider, SampleDelivery } from '@switchhook/shared/providers'

/** A played call is this old when it is played in one go, so that no event lies in the future. */
const past = 10 * 60_000
/** Calls that are played at the same time. */
const concurrent = 8

/** Who plays which provider, and where to. */
export interface Stage {
  readonly provider: Provider
  readonly url: URL
  /** The URL the endpoint thinks is called: some providers sign it. */
  readonly calledUrl: string
  readonly signingKey: string
  readonly settings: object
  /** `human` waits as long as people do between two events. */
  readonly pace: 'fast' | 'human'
  readonly signal: AbortSignal
  /** Told about every delivery that was accepted. */
  delivered(receipt: Receipt, event: CallEvent | undefined): void
}

/**
 * Plays one sample call into the webhook endpoint, in order.
 * @throws Failure when a delivery is refused; AbortError when the signal fires
 */
export async function playCall(stage: Stage, { full = false } = {}): Promise<void> {
  const { provider, pace, signal } = stage
  const startMs = pace === 'human' ? Date.now() : Date.now() - past
  const begun = performance.now()
  for (const sample of provider.simulator.sampleCall({ random: Math.random, startMs, full })) {
    const waitMs = pace === 'human' ? begun + sample.afterMs - performance.now() : 0
    if (waitMs > 0) await sleep(waitMs, undefined, { signal })
    signal.throwIfAborted()
    await play(stage, sample)
  }
}

/** Plays calls side by side, a bounded number at a time; the first refusal ends all of them. */
export async function playCalls(stage: Stage, calls: number): Promise<void> {
  let left = calls
  const failed = new AbortController()
  const signal = AbortSignal.any([stage.signal, failed.signal])
  const line = async (): Promise<void> => {
    while (left-- > 0) await playCall({ ...stage, signal })
  }
  const lines = Array.from({ length: Math.min(calls, concurrent) }, () =>
    line().catch((error: unknown) => {
      failed.abort()
      throw error
    }),
  )
  const outcomes = await Promise.allSettled(lines)
  const refused = outcomes.find(
    (outcome) => outcome.status === 'rejected' && !isAbort(outcome.reason),
  )
  if (refused?.status === 'rejected') throw refused.reason
}

async function play(stage: Stage, { content }: SampleDelivery): Promise<void> {
  const { provider, signingKey, url, calledUrl, settings } = stage
  const delivery = provider.simulator.sign(content, {
    signingKey,
    nowSeconds: Math.floor(Date.now() / 1000),
    url: calledUrl,
    settings,
  })
  const receipt = await deliver(url, delivery)
  const normalised = provider.normalise(delivery, new Date().toISOString())
  stage.delivered(receipt, normalised.ok ? normalised.events[0] : undefined)
}

/** `call-initiated  +12025550143 → +13125550100`: an event in a few words. */
export function describe(event: CallEvent | undefined): string {
  if (!event) return 'no event'
  const parties = event.from === null ? '' : `  ${event.from} → ${event.to ?? '?'}`
  return `${eventName(event.type)}${parties}`
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
