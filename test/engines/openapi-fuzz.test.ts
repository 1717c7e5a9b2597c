import t from 'tap'
import { openapiFuzz } from '../contracts/openapi-fuzz.ts'
import { emptyDatabase } from '../kit/postgres.ts'

openapiFuzz(
  t,
  {
    DATABASE_URL: await emptyDatabase(t),
    DB_CONNECTIONS: '4',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
  },
  2,
)
