import fp from 'fastify-plugin'
import { openDirectory, type App, type Directory } from '@switchhook/shared/directory'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    directory: Directory
  }
}

/** `app.directory`: who exists, as all processes of the store know it. */
async function directory(app: FastifyInstance): Promise<void> {
  const opened = await openDirectory(app.store)
  app.rounds.keep({ what: 'apps', counted: ['apps'], refresh: opened.refresh })
  app.decorate('directory', opened)
}

/** The app with an id that a request has as this parameter. @throws CodedError `app_not_found` */
export async function appNamed(
  app: Pick<FastifyInstance, 'directory'>,
  id: string,
  parameter = 'appId',
): Promise<App> {
  const found = await app.directory.find(id)
  if (!found) throw new CodedError('app_not_found', { args: [id], parameter })
  return found
}

export default fp(directory, { name: 'directory', fastify: '5.x', dependencies: ['store'] })
