import { originMistakes } from '@switchhook/plugins/origin-check'
import { runProcess } from '../process.ts'
import { isPostgres } from '@switchhook/plugins/store'
import { sipMistakes } from '../sip-proxy/index.ts'
import { ingestMistakes } from '../webhook-ingest/index.ts'
import { allInOne, Config } from './index.ts'

await runProcess({
  Config,
  defaultPort: 3000,
  check: (config) => [
    ...ingestMistakes(config.webhookIngest, config.http.publicUrl),
    ...originMistakes(config.originCheck),
    ...sipMistakes(config.sipProxy, isPostgres(config.store)),
  ],
  register: (app, config, publicUrl) => allInOne(app, { config, publicUrl }),
  welcome: (url) => ({
    fields: { console: url, token: 'npx -y pnpm@12 switchhook token --email you@example.com' },
    text: `Switchhook is ready. Console: ${url} (sign in with what this prints: npx -y pnpm@12 switchhook token --email you@example.com)`,
  }),
})
