import t from 'tap'
import { killEngines } from './kill-engines.ts'

t.test(
  'kill -9 of ingest, hub, PostgreSQL and Redis loses no acknowledged delivery and repeats none',
  { timeout: 500_000 },
  (t) => killEngines(t, 5),
)
