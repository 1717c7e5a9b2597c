import { Type, type Static } from 'typebox'

/** Where events, calls and apps are kept: in PostgreSQL where `DATABASE_URL` or `DB_HOST` says so, else embedded. */
export const StoreOptions = Type.Object({
  dataDir: Type.String({
    env: 'DATA_DIR',
    default: '.data',
    description:
      'Embedded store and generated secrets; relative to the workspace root. One process owns it.',
  }),
  url: Type.Optional(
    Type.String({
      env: 'DATABASE_URL',
      secret: true,
      description:
        'PostgreSQL 15 or newer instead of the embedded store; any number of processes share it.',
      example: 'postgres://switchhook:secret@db.internal:5432/switchhook',
    }),
  ),
  host: Type.Optional(
    Type.String({ env: 'DB_HOST', description: 'The same in parts, where there is no URL: host.' }),
  ),
  port: Type.Integer({
    env: 'DB_PORT',
    default: 5432,
    minimum: 1,
    maximum: 65_535,
    description: 'Port, with `DB_HOST`.',
  }),
  user: Type.String({ env: 'DB_USER', default: 'postgres', description: 'User, with `DB_HOST`.' }),
  password: Type.Optional(
    Type.String({ env: 'DB_PASSWORD', secret: true, description: 'Password, with `DB_HOST`.' }),
  ),
  name: Type.String({
    env: 'DB_NAME',
    default: 'switchhook',
    description: 'Database, with `DB_HOST`.',
  }),
  connections: Type.Integer({
    env: 'DB_CONNECTIONS',
    default: 10,
    minimum: 2,
    maximum: 1_000,
    description: 'Connections to PostgreSQL at most, per process.',
  }),
  allowUnsafe: Type.Boolean({
    env: 'ALLOW_UNSAFE_DURABILITY',
    default: false,
    description: 'Run on a PostgreSQL that may lose acknowledged commits.',
  }),
})

export type StoreOptions = Static<typeof StoreOptions>

/** Whether these options mean PostgreSQL. */
export function isPostgres({ url, host }: StoreOptions): boolean {
  return url !== undefined || host !== undefined
}

/** Mistakes a schema cannot see. */
export function storeMistakes({ url }: StoreOptions): { name: string; reason: string }[] {
  if (url === undefined || /^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? '')) return []
  return [
    {
      name: 'DATABASE_URL',
      reason: 'is not a PostgreSQL address, as postgres://user:password@host:5432/database',
    },
  ]
}
