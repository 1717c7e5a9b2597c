import { useEffect, useState } from 'preact/hooks'

/** What is shown: a page, and on Live perhaps one call. */
export interface Route {
  readonly page: 'live' | 'try'
  readonly call: string | null
}

/** The route of the address: `#/live`, `#/live/<call>`, `#/try`. */
export function readRoute(hash: string): Route {
  const [, page, call = ''] = hash.split('/')
  if (page === 'try') return { page, call: null }
  return { page: 'live', call: call === '' ? null : decode(call) }
}

export function hrefOf({ page, call }: Route): string {
  return call === null ? `#/${page}` : `#/${page}/${encodeURIComponent(call)}`
}

/** Goes there; the browser's Back leads back. */
export function go(route: Route): void {
  location.hash = hrefOf(route)
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
