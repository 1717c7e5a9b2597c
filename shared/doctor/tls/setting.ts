import { isPrivate } from './prove.ts'
import type { Place, Waiting } from './place.ts'

/** Where a setting leads. */
export interface Destination {
  readonly url: URL
  readonly place: Place
}

/** An entry of SIP_UPSTREAMS_FILE, YAML. @param tls whom to believe, as in `tls: { trust: system }`; none says nothing */
export async function settingFor(
  { url, place }: Destination,
  tls: string | null,
  waiting: Waiting,
): Promise<string> {
  const scheme = url.protocol === 'ws:' ? 'ws' : 'wss'
  const lines = [
    'upstreams:',
    `  - name: ${nameFor(url)}`,
    `    targets: [${JSON.stringify(`${scheme}://${place.name}${url.pathname}${url.search}`)}]`,
  ]
  if (tls !== null) lines.push(`    ${tls}`)
  if (await isPrivate(place, waiting)) lines.push('    allowPrivate: true')
  return lines.join('\n')
}

function nameFor({ hostname }: URL): string {
  const [label = ''] = hostname.split('.')
  return /^[a-z][a-z0-9-]*$/.test(label) ? label : 'pbx'
}
