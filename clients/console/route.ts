import { useEffect, useState } from 'preact/hooks'

export const pageNames = [
  'live',
  'calls',
  'voicemails',
  'registrations',
  'sip-trace',
  'deliveries',
  'connections',
  'access',
  'try',
] as const

export type PageName = (typeof pageNames)[number]

/** What is shown: a page, perhaps one thing on it, and how it is filtered. */
export interface Route {
  readonly page: PageName
  /** The call, app, delivery or traced call that is open. */
  readonly id: string | null
  readonly query: URLSearchParams
}

/** What a link says; the rest is empty. */
export type Target = Pick<Route, 'page'> & {
  readonly id?: string | null
  readonly query?: Readonly<Record<string, string>> | URLSearchParams
}

/** The route of the address: `#/calls`, `#/calls/<id>`, `#/calls?state=live`. */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.split(/\?(.*)/s)
  const [, name, id = ''] = path.split('/')
  const page = pageNames.find((known) => known === name) ?? 'live'
  return { page, id: id === '' ? null : decode(id), query: new URLSearchParams(query) }
}

/** The address of a route; parameters that are empty are left out. */
export function hrefOf({ page, id, query }: Target): string {
  const filled = [...new URLSearchParams(query)].filter(([, value]) => value !== '')
  const path = id ? `#/${page}/${encodeURIComponent(id)}` : `#/${page}`
  return filled.length === 0 ? path : `${path}?${new URLSearchParams(filled)}`
}

/** Goes there; the browser's Back leads back. */
export function go(target: Target): void {
  location.hash = hrefOf(target)
}

/** Goes there in place of where one is: what is typed into a filter is not a step to go back over. */
export function amend(target: Target): void {
  history.replaceState(history.state, '', hrefOf(target))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** Filters what is shown now by other values too; an empty one goes. */
export function refine(values: Readonly<Record<string, string>>): void {
  const { page, id, query } = readRoute(location.hash)
  amend({ page, id, query: queryWith(query, values) })
}

/** The query with other values; an empty one goes. */
export function queryWith(
  query: URLSearchParams,
  values: Readonly<Record<string, string>>,
): URLSearchParams {
  return new URLSearchParams({ ...Object.fromEntries(query), ...values })
}

/** The route, followed. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const follow = (): void => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return readRoute(hash)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
