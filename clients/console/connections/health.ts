import { samplesOf } from './metrics-text.ts'

/** What `/health` tells. */
export interface Health {
  readonly status: string
  readonly version: string
  /** Seconds. */
  readonly uptime: number
  readonly checks: Readonly<Record<string, Check>>
  readonly websocket: { readonly connections: number; readonly errors: number }
}

interface Check {
  readonly status: string
  /** Why it failed. */
  readonly reason?: string
}

/** What is known of a provider. */
export interface ProviderHealth {
  readonly provider: string
  /** Where its credentials stand: `environment`, `app`, or both. */
  readonly configured: readonly string[]
  /** RFC 3339; null: nothing since the hub started, as far as is known. */
  readonly lastAt: string | null
  /** RFC 3339: it was to be heard of since, and was not; null: it is not overdue. */
  readonly silentSince: string | null
  /** Webhooks in its name that were refused since the start, by the code of the reason, the most frequent first. */
  readonly refused: readonly (readonly [code: string, count: number])[]
}

interface Sources {
  readonly health: Health | null
  /** Prometheus' text; empty if it cannot be had. */
  readonly metrics: string
  /** Providers with credentials in the store. */
  readonly stored: readonly string[]
}

/** What is known of the providers that are configured or were heard of. */
export function providersOf({ health, metrics, stored }: Sources): ProviderHealth[] {
  const last = lastDeliveries(metrics)
  const silent = silentIn(health?.checks['providers']?.reason ?? '')
  const sources = sourcesIn(metrics)
  for (const name of stored) sources.set(name, (sources.get(name) ?? new Set()).add('app'))
  const refused = refusalsIn(metrics)
  const known = [last, silent, sources, refused].flatMap((each) => [...each.keys()])
  const names = new Set([...stored, ...known])
  return [...names].sort().map((provider) => ({
    provider,
    configured: [...(sources.get(provider) ?? [])].sort(),
    lastAt: last.get(provider) ?? null,
    silentSince: silent.get(provider) ?? null,
    refused: refused.get(provider) ?? [],
  }))
}

/** `silent: telnyx since 2026-01-01T00:00:00.000Z, vapi since …` */
function silentIn(reason: string): Map<string, string> {
  return new Map(
    [...reason.matchAll(/([\w-]+) since (\S+?)(?:,|$)/g)].map(([, name, at]) => [name!, at!]),
  )
}

function lastDeliveries(metrics: string): Map<string, string> {
  const name = 'switchhook_ingest_last_delivery_timestamp_seconds'
  const samples = samplesOf(metrics, name).filter(({ value }) => value > 0)
  return new Map(
    samples.map(({ labels, value }) => [
      labels['provider']!,
      new Date(value * 1_000).toISOString(),
    ]),
  )
}

/** What became of deliveries that were not refused. */
const taken = new Set(['accepted', 'duplicate', 'quarantined'])

function refusalsIn(metrics: string): Map<string, [string, number][]> {
  const found = new Map<string, [string, number][]>()
  for (const { labels, value } of samplesOf(metrics, 'switchhook_ingest_deliveries_total')) {
    const { provider = '', outcome = '' } = labels
    if (!taken.has(outcome)) found.set(provider, [...(found.get(provider) ?? []), [outcome, value]])
  }
  for (const codes of found.values()) codes.sort(([, one], [, other]) => other - one)
  return found
}

/** A credential that proved a delivery tells where it stands. */
function sourcesIn(metrics: string): Map<string, Set<string>> {
  const name = 'switchhook_ingest_credential_last_matched_timestamp_seconds'
  const found = new Map<string, Set<string>>()
  for (const { labels } of samplesOf(metrics, name)) {
    const { provider = '', source = '' } = labels
    found.set(provider, (found.get(provider) ?? new Set()).add(source))
  }
  return found
}

/** How far the hub's clock is from that of the providers, in seconds; null: nobody signed a time yet. */
export function skewIn(metrics: string): number | null {
  const [sample] = samplesOf(metrics, 'switchhook_ingest_clock_skew_seconds')
  const heard = samplesOf(metrics, 'switchhook_ingest_last_delivery_timestamp_seconds').length > 0
  return sample && heard ? sample.value : null
}
