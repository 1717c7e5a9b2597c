import fp from 'fastify-plugin'
import { Compile } from 'typebox/compile'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'

/** A path of typebox (`/appId`) without its slash. */
const nameOf = (path: string): string => path.slice(1).replaceAll('/', '.')

/** Routes validate with TypeBox; every mistake leaves in one shape that names the parameter. */
async function validation(app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const compiled = Compile(schema)
    return (value) => {
      if (compiled.Check(value)) return { value }
      const [first, ...others] = compiled.Errors(value)
      const parameter = nameOf(first!.instancePath)
      if (httpPart === 'params' && first!.keyword === 'format') {
        const given = String((value as Record<string, unknown>)[parameter])
        return { error: new CodedError('invalid_uuid', { args: [given], parameter }) }
      }
      const errors = [first!, ...others].map(({ instancePath, message }) => ({
        path: nameOf(instancePath),
        message,
      }))
      const args = [`${parameter}: ${first!.message}`]
      return { error: new CodedError('invalid_parameter', { args, parameter, errors }) }
    }
  })
}

export default fp(validation, { name: 'validation', fastify: '5.x' })
