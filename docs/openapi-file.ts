import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allInOne, Config } from '../services/all-in-one/index.ts'
import { createServer } from '../services/server.ts'
import { loadConfig } from '../shared/config/index.ts'

const publicUrl = 'http://127.0.0.1:3000'

/** What `GET /openapi.json` answers on a laptop, for those who have no process at hand. */
export async function openapiFile(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchhook-docs-'))
  const config = loadConfig(Config, {
    environment: { ...secrets, DATA_DIR: dataDir, PORT: '3000' },
  })
  const app = createServer({ log: { level: 'silent' }, trustProxy: [] })
  try {
    await allInOne(app, { config, publicUrl })
    await app.ready()
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The process needs some; nobody ever presents them. */
const secrets = {
  JWT_SECRET: 'x'.repeat(32),
  INTERNAL_API_SECRET: 'x'.repeat(32),
  SECRETS_KEY: Buffer.alloc(32).toString('base64'),
}
