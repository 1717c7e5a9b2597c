import { isIP } from 'node:net'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

/**
 * Why a host may not be looked up; null if it may. Resolvers read `127.1`, `0x7f.1` and `2130706433` as addresses: as in
 * browsers (https://url.spec.whatwg.org/#ends-in-a-number-checker) what ends in a number is one, and here only if it is
 * spelled out.
 */
export function mistakeIn(host: string): string | null {
  if (isIP(host)) return null
  if (host.length > 253) return 'it is longer than a name may be'
  const labels = host.replace(/\.$/, '').split('.')
  if (/^(\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? '')) {
    return 'it is a number and not a name; addresses are written like 192.0.2.1'
  }
  return labels.every((one) => label.test(one)) ? null : 'it is not a host name'
}
