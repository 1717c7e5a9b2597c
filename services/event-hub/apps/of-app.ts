import { Type } from 'typebox'

/** The parameter of every route below `/internal/apps/:appId`. */
export const OfApp = Type.Object({
  appId: Type.String({ format: 'uuid', description: 'The app.' }),
})
