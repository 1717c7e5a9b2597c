/** How many single-character edits turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let index = 0; index < from.length; index++) {
    const row = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const kept = above[column - 1]! + (from[index] === to[column - 1] ? 0 : 1)
      row.push(Math.min(kept, above[column]! + 1, row[column - 1]! + 1))
    }
    above = row
  }
  return above[to.length]!
}

/** The known word that was most likely meant: at most `within` edits away. */
export function nearest(
  word: string,
  known: Iterable<string>,
  within = Number.POSITIVE_INFINITY,
): string | null {
  let best: string | null = null
  let bestDistance = within + 1
  for (const candidate of known) {
    // The lengths alone already differ by more than the best so far.
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}
