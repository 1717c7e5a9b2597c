/** The id of a stream's entry: the server's time in milliseconds, and a number within it. */
export type Position = string

export function millisecondsOf(position: Position): number {
  return Number(position.split('-')[0])
}

/** Whether `a` is the id of an earlier entry than `b`. */
export function isBefore(a: Position, b: Position): boolean {
  const [left = 0n, right = 0n] = [a, b].map((id) => BigInt(id.split('-')[0]!))
  if (left !== right) return left < right
  return BigInt(a.split('-')[1]!) < BigInt(b.split('-')[1]!)
}
