import type { Insert, Statement, Value, Write } from './contract.ts'

/**
 * All writes as one statement: each is a common table expression, and a count that differs ends in words that are no
 * number, which undoes them all and reads well in the server's log. They run in the order in which they are counted.
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
  const verdict = `case when ${counts.join(' and ')} then '1' else 'nothing written: ${reason}' end`
  return { text: `with ${parts.join(', ')} select (${verdict})::integer`, values }
}

const reason = 'Switchhook met a copy or another writer, and goes the long way'

/** What the server calls words that are no number. */
export const invalidText = '22P02'

/** `$1` after so many other parameters. */
function shifted(text: string, by: number): string {
  return text.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + by}`)
}
