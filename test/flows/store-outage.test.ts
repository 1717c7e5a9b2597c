import t from 'tap'
import { storeOutage } from './store-outage.ts'

t.test('PostgreSQL away for five seconds under load: nobody but the log notices', async (t) =>
  storeOutage(t, 5),
)
