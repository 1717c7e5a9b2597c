import { providers, type Provider, type Verifier } from '@switchhook/shared/providers'
import type { Credentials } from '@switchhook/shared/credentials'

/** Credentials that were configured together, and what was said with them. */
export interface CredentialSet {
  /** The service's own environment, or the app's record in the store. */
  readonly source: 'environment' | 'app'
  /** What the provider calls instead of `PUBLIC_URL` and the path. */
  readonly publicUrl: string | undefined
  readonly verifier: Verifier
}

/** Where a provider delivers for an app. */
export interface Endpoint {
  readonly app: string
  readonly provider: Provider
  /** Empty while nothing is configured. */
  readonly sets: readonly CredentialSet[]
}

/** What the environment says of a provider: credentials, and the provider's own settings. */
export interface Configured {
  readonly credentials: readonly string[]
  readonly [setting: string]: unknown
}

interface Parts {
  readonly firstApp: string
  /** By provider name; they are the first app's and prove nothing about another one. */
  readonly environment: Readonly<Record<string, Configured>>
  readonly credentials: Credentials
  /** Told about stored credentials that this version cannot use. */
  readonly onUnusable: (endpoint: { app: string; provider: string }, error: Error) => void
}

/** Finds endpoints; keys are imported once, and again when somebody changed them. */
export type Endpoints = (app: string, provider: Provider) => Endpoint

/** Endpoints that are remembered; beyond that all are forgotten and made anew. */
const maxRemembered = 10_000

export function endpointsOf(parts: Parts): Endpoints {
  const { credentials } = parts
  const remembered = new Map<string, Endpoint>()
  let revision = credentials.revision
  return (app, provider) => {
    if (revision !== credentials.revision || remembered.size >= maxRemembered) remembered.clear()
    revision = credentials.revision
    const key = `${app}/${provider.name}`
    let endpoint = remembered.get(key)
    if (!endpoint) remembered.set(key, (endpoint = endpointOf(app, provider, parts)))
    return endpoint
  }
}

/** The provider with this name, or undefined. */
export function providerNamed(name: string): Provider | undefined {
  return byName.get(name)
}

const byName = new Map(providers.map((provider) => [provider.name, provider]))

function endpointOf(app: string, provider: Provider, parts: Parts): Endpoint {
  const sets: CredentialSet[] = []
  const stored = parts.credentials.of(app, provider.name)
  if (stored && stored.credentials.length > 0) {
    try {
      sets.push(setOf(provider, 'app', { ...stored.settings, credentials: stored.credentials }))
    } catch (error) {
      parts.onUnusable({ app, provider: provider.name }, error as Error)
    }
  }
  const own = app === parts.firstApp ? parts.environment[provider.name] : undefined
  if (own && own.credentials.length > 0) sets.push(setOf(provider, 'environment', own))
  return { app, provider, sets }
}

function setOf(
  provider: Provider,
  source: CredentialSet['source'],
  { credentials, ...settings }: Configured,
): CredentialSet {
  const { publicUrl } = settings as { publicUrl?: unknown }
  return {
    source,
    publicUrl: typeof publicUrl === 'string' ? publicUrl : undefined,
    verifier: provider.verifier(credentials, settings),
  }
}
