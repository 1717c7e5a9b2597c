import t from 'tap'
import { killEngines } from '../flows/kill-engines.ts'

t.test('fifty kills of each part', { timeout: 3_600_000 }, (t) => killEngines(t, 50))
