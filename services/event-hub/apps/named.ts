import { Type } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import type { App } from '@switchhook/shared/directory'
import type { FastifyInstance } from 'fastify'

/** The parameter of every route below `/internal/apps/:appId`. */
export const OfApp = Type.Object({
  appId: Type.String({ format: 'uuid', description: 'The app.' }),
})

/** @throws CodedError `app_not_found` */
export async function appNamed({ directory }: FastifyInstance, appId: string): Promise<App> {
  const app = await directory.find(appId)
  if (!app) throw new CodedError('app_not_found', { args: [appId], parameter: 'appId' })
  return app
}
