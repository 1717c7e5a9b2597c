import t from 'tap'
import { churn } from '../kit/churn.ts'

t.test(
  'clients that are dropped again and again see each event once, in order, and leave nothing behind',
  { timeout: 500_000 },
  (t) => churn(t, { sockets: 100, seconds: 12, stayMs: 3_000 }),
)
