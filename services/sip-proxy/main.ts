import { Type } from 'typebox'
import { access, base, registerAccess, registerBase } from '../base.ts'
import { runProcess } from '../process.ts'
import { originMistakes } from '@switchhook/plugins/origin-check'
import { isPostgres } from '@switchhook/plugins/store'
import sipProxy, { Options, sipMistakes } from './index.ts'

await runProcess({
  Config: Type.Object({ ...base, ...access, sipProxy: Options }),
  defaultPort: 3003,
  check: (config) => [
    ...originMistakes(config.originCheck),
    ...sipMistakes(config.sipProxy, isPostgres(config.store)),
  ],
  async register(app, config, publicUrl) {
    await registerBase(app, { config, service: 'sip-proxy' })
    // Whoever is in stays, and whoever comes is let in: no balancer should send them elsewhere.
    app.health.spare('store')
    await registerAccess(app, { config, publicUrl })
    await app.register(sipProxy, {
      ...config.sipProxy,
      publicUrl,
      replicated: isPostgres(config.store),
    })
  },
  welcome: (url) => ({ fields: { url }, text: `sip-proxy is ready at ${url}` }),
})
