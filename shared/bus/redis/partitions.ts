/**
 * How many streams the apps are spread over. Fixed: processes of different versions must agree where an app is.
 * Few enough for one XREAD over all of them, enough to spread over the nodes of a cluster.
 */
export const partitionCount = 16

/** Of the connections, in CLIENT LIST. */
export const clientName = 'switchhook-bus'

/** A partition's stream. The braces are a hash tag: in a cluster the keys of a partition lie on one node. */
export function streamKey(partition: number): string {
  return `switchhook:{p${partition}}`
}

/** Lies where the partition's stream lies and never exists: to try out a write without writing. */
export function probeKey(partition: number): string {
  return `${streamKey(partition)}:probe`
}

/** The app's partition: FNV-1a, 32 bits, whose upper half is folded in because the lowest bits alone mix badly. */
export function partitionOf(app: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < app.length; index += 1) {
    hash = Math.imul(hash ^ app.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 16)) & (partitionCount - 1)
}
