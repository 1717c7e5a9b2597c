import fp from 'fastify-plugin'
import { openDirectory, type Directory } from '@switchhook/shared/directory'
import { keepUpToDate } from '../upkeep.ts'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    directory: Directory
  }
}

/** `app.directory`: who exists, as all processes of the store know it. */
async function directory(app: FastifyInstance): Promise<void> {
  const opened = await openDirectory(app.store)
  keepUpToDate(app, { what: 'apps', refresh: opened.refresh })
  app.decorate('directory', opened)
}

export default fp(directory, { name: 'directory', fastify: '5.x', dependencies: ['store'] })
