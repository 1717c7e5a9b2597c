import type { Sql } from './contract.ts'
import type { StoreOptions } from './options.ts'

const oldest = 150_000

/** Settings without which a power cut takes commits that were acknowledged, or the files they are in. */
const needed: Readonly<Record<string, (value: string) => boolean>> = {
  fsync: (value) => value === 'on',
  full_page_writes: (value) => value === 'on',
  synchronous_commit: (value) => value !== 'off',
}

/** @throws if the server is too old, or may lose an acknowledged event and nobody allowed it to */
export async function verifyServer(sql: Sql, { allowUnsafe }: StoreOptions): Promise<void> {
  const settings = await sql.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name ${sql.among('$1')}`,
    JSON.stringify(['server_version_num', ...Object.keys(needed)]),
  )
  const values = new Map(settings.map(({ name, setting }) => [name, setting]))
  const version = Number(values.get('server_version_num'))
  if (version < oldest) {
    throw new Error(
      `is PostgreSQL ${Math.floor(version / 10_000)}, 15 is the oldest that is supported`,
    )
  }
  const unsafe = Object.keys(needed).filter((name) => !needed[name]!(values.get(name) ?? ''))
  if (unsafe.length === 0 || allowUnsafe) return
  throw new Error(
    `may lose acknowledged events in a power cut: ${unsafe.map((name) => `${name} = ${values.get(name)}`).join(', ')}. ` +
      `Set ${unsafe.map((name) => `${name} = on`).join(', ')}, or ALLOW_UNSAFE_DURABILITY=true if you can live with it`,
  )
}
