import type { Database } from '@switchhook/shared/database'

/** Texts of statements, each with values for its parameters. */
export type Questions = Readonly<Record<string, readonly (string | number)[]>>

/** How SQLite answers each. */
export async function sqlitePlans(db: Database, questions: Questions): Promise<string[]> {
  const plans = Object.entries(questions).map(([text, values]) =>
    db.query<{ detail: string }>(`explain query plan ${text}`, ...values),
  )
  return (await Promise.all(plans)).map((steps) => steps.map(({ detail }) => detail).join('; '))
}

/** How PostgreSQL does, where ways like `seqscan` are out of the question. */
export function postgresPlans(
  db: Database,
  questions: Questions,
  without: readonly string[],
): Promise<string[]> {
  return db.transaction(async (sql) => {
    for (const way of without) await sql.query(`set local enable_${way} = off`)
    const plans = Object.entries(questions).map(([text, values]) =>
      sql.query<Record<'QUERY PLAN', string>>(`explain ${filled(text, values)}`),
    )
    return (await Promise.all(plans)).map((steps) =>
      steps.map((step) => step['QUERY PLAN']).join('; '),
    )
  })
}

function filled(text: string, values: readonly (string | number)[]): string {
  return text.replaceAll(/\$(\d)/g, (_, place: string) => {
    const value = values[Number(place) - 1]!
    return typeof value === 'number' ? String(value) : `'${value}'`
  })
}
