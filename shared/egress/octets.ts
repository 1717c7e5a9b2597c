import { isIPv4 } from 'node:net'

/** The 4 or 16 octets of an IP address without a zone, in whichever spelling `isIP` accepts. */
export function octetsOf(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.').map(Number)
  const [head = '', tail] = address.split('::')
  const before = octetsOfGroups(head)
  if (tail === undefined) return before
  const after = octetsOfGroups(tail)
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after]
}

function octetsOfGroups(groups: string): number[] {
  if (groups === '') return []
  return groups.split(':').flatMap((group) => {
    // The last four octets may be written as IPv4 is.
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}
