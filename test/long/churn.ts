import t from 'tap'
import { churn } from '../kit/churn.ts'

t.test('three minutes of five hundred clients that come and go', { timeout: 600_000 }, (t) =>
  churn(t, { sockets: 500, seconds: 180, stayMs: 20_000 }),
)
