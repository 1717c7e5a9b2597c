import t from 'tap'
import { storeOutage } from '../flows/store-outage.ts'

t.test('PostgreSQL away for a minute under load: nobody but the log notices', async (t) =>
  storeOutage(t, 60),
)
