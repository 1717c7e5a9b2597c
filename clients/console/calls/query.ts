import { pathOf } from '../api/request.ts'
import { timesOf } from './range.ts'

/** What calls are filtered by, as the address and the API call it. */
const plain = ['state', 'number', 'agent', 'provider', 'direction'] as const

/** The list of calls an address asks for; `now` is what its range counts from. */
export function callsPath(query: URLSearchParams, now: number): string {
  const asked = Object.fromEntries(plain.map((name) => [name, query.get(name)]))
  return pathOf('api/calls', { ...asked, ...timesOf(query, now) })
}

/** Whether an address leaves out any call. */
export function isFiltered(query: URLSearchParams): boolean {
  return [...plain, 'range', 'from', 'to'].some((name) => query.get(name))
}
