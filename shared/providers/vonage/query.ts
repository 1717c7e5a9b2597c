import { queryOf, readForm } from '../form.ts'
import type { Fields } from '../untrusted.ts'
import type { Delivery } from '../contract.ts'

/**
 * What Vonage signs of a delivery: the body, or of a GET its parameters as compact JSON in their order. Null if a query is
 * no form, or says a name twice: JSON holds it once, so the other one would not be signed.
 */
export function signedContent({ method, url, body }: Delivery): Buffer | null {
  if (method === 'POST') return body
  const pairs = pairsOf(url)
  // By hand: an object puts names that are numbers first.
  const members = pairs?.map((pair) => pair.map((text) => JSON.stringify(text)).join(':'))
  return members ? Buffer.from(`{${members.join(',')}}`) : null
}

/** The parameters of a GET, all of them text; null if they are none that could be signed. */
export function queryFields({ url }: Delivery): Fields | null {
  const pairs = pairsOf(url)
  return pairs && Object.fromEntries(pairs)
}

function pairsOf(url: string): [string, string][] | null {
  const query = readForm(queryOf(url))
  if (!query) return null
  const pairs: [string, string][] = []
  for (const [name, [value = '', ...others]] of query) {
    if (others.length > 0) return null
    pairs.push([name, value])
  }
  return pairs
}
