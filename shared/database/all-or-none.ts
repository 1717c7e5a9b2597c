import type { Insert, Statement, Value, Write } from './contract.ts'

/**
 * All writes as one statement: each is a common table expression, and a count that differs divides by zero, which
 * undoes them all. They run in the order in which they are counted.
 */
export function allOrNone(
  writes: readonly Write[],
  insertOf: (insert: Insert) => Statement,
): Statement {
  const parts: string[] = []
  const counts: string[] = []
  const values: Value[] = []
  for (const { write, expect } of writes) {
    const { text, values: own } = 'into' in write ? insertOf(write) : write
    const name = `w${parts.length}`
    parts.push(`${name} as (${shifted(text, values.length)} returning 1)`)
    values.push(...own, expect)
    counts.push(`(select count(*) from ${name}) = $${values.length}::bigint`)
  }
  const text = `with ${parts.join(', ')} select 1 / (case when ${counts.join(' and ')} then 1 else 0 end)`
  return { text, values }
}

/** What the server says when the counts differ. */
export const divisionByZero = '22012'

/** `$1` after so many other parameters. */
function shifted(text: string, by: number): string {
  return text.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + by}`)
}
