import type { Place } from '@switchhook/shared/doctor'
import type { Environment } from '@switchhook/shared/config'
import { localUrl } from '../flags/local-url.ts'
import type { Patient } from './patients.ts'

/** What the command was told about where endpoints are. */
export interface Given {
  /** A base URL, or one endpoint. */
  readonly url: URL | undefined
  readonly app: string | undefined
  readonly environment: Environment
}

/** Where a provider is to be examined: what was given, else the URL it is said to call. */
export function placeOf({ provider, settings }: Patient, given: Given): Place {
  const { environment, app } = given
  const path = `/webhooks/${provider.name}${app === undefined ? '' : `/${app}`}`
  const publicUrl = environment['PUBLIC_URL'] || undefined
  const { publicUrl: configuredUrl } = settings as { publicUrl?: string }
  const local = localUrl(environment, path)
  const called = configuredUrl ?? (publicUrl && publicUrl.replace(/\/+$/, '') + path) ?? local
  const url = given.url ? endpointAt(given.url, provider.name, path) : called
  return { url, path, configuredUrl, publicUrl, localUrl: local }
}

/** Whether a URL already is the endpoint of the provider. */
export function isEndpointOf(url: URL, name: string): boolean {
  return url.pathname.split('/').includes(name)
}

function endpointAt(url: URL, name: string, path: string): string {
  if (isEndpointOf(url, name)) return url.href
  const base = new URL(url)
  base.pathname = base.pathname.replace(/\/+$/, '') + path
  return base.href
}
