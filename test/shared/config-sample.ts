import { Type } from 'typebox'
import { ConfigError } from '@switchhook/shared/config'

/** Options of the kinds that rooms have. */
export const Http = Type.Object({
  host: Type.String({ env: 'HOST', default: '127.0.0.1', description: 'Address to listen on.' }),
  port: Type.Integer({
    env: 'PORT',
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on.',
    example: '3000',
  }),
  adminPort: Type.Optional(Type.Integer({ env: 'ADMIN_PORT', description: 'Port of operators.' })),
})

export const Sample = Type.Object({
  http: Http,
  ratio: Type.Number({ env: 'SAMPLE_RATIO', default: 0.5, maximum: 1, description: 'A share.' }),
  verbose: Type.Boolean({ env: 'VERBOSE_MODE', default: false, description: 'Say a|b more.' }),
  level: Type.Union([Type.Literal('info'), Type.Literal('warn')], {
    env: 'LOG_LEVEL',
    default: 'info',
    description: 'How much is logged.',
  }),
  origins: Type.Array(Type.String(), {
    env: 'ALLOWED_ORIGINS',
    alias: 'FRONTEND_ORIGINS',
    separator: ' ',
    default: [],
    description: 'Origins of pages.',
  }),
  jwt: Type.Object({
    secrets: Type.Array(Type.String({ minLength: 32 }), {
      env: 'JWT_SECRET',
      separator: ',',
      secret: true,
      generated: 32,
      minItems: 1,
      description: 'Signs user tokens.',
    }),
  }),
})

export const secret = 's'.repeat(32)
/** The least that the sample needs. */
export const enough = { JWT_SECRET: secret }

/** What a load or a fill complained about. */
export function mistakesOf(load: () => unknown): readonly { name: string; reason: string }[] {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}
