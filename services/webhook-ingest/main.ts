import { Type } from 'typebox'
import { base, registerBase } from '../base.ts'
import { runProcess } from '../process.ts'
import webhookIngest, { ingestMistakes, Options } from './index.ts'

await runProcess({
  Config: Type.Object({ ...base, webhookIngest: Options }),
  defaultPort: 3002,
  check: (config) => ingestMistakes(config.webhookIngest, config.http.publicUrl),
  async register(app, config, publicUrl) {
    await registerBase(app, { config, service: 'webhook-ingest' })
    await app.register(webhookIngest, {
      ...config.webhookIngest,
      publicUrl,
      dataDir: config.store.dataDir,
    })
  },
  welcome: (url) => ({
    fields: { url },
    text: `webhook-ingest is ready at ${url}/webhooks/:provider`,
  }),
})
