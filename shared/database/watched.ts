import type { Sql } from './contract.ts'

/**
 * Runs `work` with statements that all count, also those it did not wait for: resolves when every one of them has
 * succeeded, and rejects with the first failure, of which later ones are mere consequences.
 * @param last a statement that follows when `work` has resolved, without waiting for what is still under way
 */
export async function watched<T>(
  sql: Sql,
  work: (sql: Sql) => Promise<T>,
  last?: () => Promise<unknown>,
): Promise<T> {
  /** Those under way: a long transaction does not keep what its statements brought. */
  const statements = new Set<Promise<unknown>>()
  let failure: { error: unknown } | undefined
  const fail = (error: unknown): void => void (failure ??= { error })
  const watch = <Result>(statement: Promise<Result>): Promise<Result> => {
    const settled = statement.catch(fail).then(() => void statements.delete(settled))
    statements.add(settled)
    return statement
  }
  const result = await work({
    query: (text, ...parameters) => watch(sql.query(text, ...parameters)),
    insert: (insert) => watch(sql.insert(insert)),
    among: sql.among,
  }).catch(fail)
  if (last && !failure) void watch(last())
  await Promise.all(statements)
  if (failure) throw failure.error
  return result as T
}
