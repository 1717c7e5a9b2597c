import { Type } from 'typebox'
import { access, base, registerAccess, registerBase } from '../base.ts'
import { runProcess } from '../process.ts'
import { originMistakes } from '@switchhook/plugins/origin-check'
import { isPostgres } from '@switchhook/plugins/store'
import eventHub, { Options } from './index.ts'

await runProcess({
  Config: Type.Object({ ...base, ...access, eventHub: Options }),
  defaultPort: 3001,
  check: (config) => originMistakes(config.originCheck),
  async register(app, config, publicUrl) {
    await registerBase(app, { config, service: 'event-hub' })
    await registerAccess(app, { config, publicUrl })
    await app.register(eventHub, {
      ...config.eventHub,
      publicUrl,
      replicated: isPostgres(config.store),
    })
  },
  welcome: (url) => ({ fields: { url }, text: `event-hub is ready at ${url}` }),
})
