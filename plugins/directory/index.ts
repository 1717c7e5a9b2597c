import fp from 'fastify-plugin'
import { openDirectory, type Directory } from '@switchhook/shared/directory'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    directory: Directory
  }
}

/** `app.directory`: who exists. */
async function directory(app: FastifyInstance): Promise<void> {
  app.decorate('directory', await openDirectory(app.store))
}

export default fp(directory, { name: 'directory', fastify: '5.x', dependencies: ['store'] })
