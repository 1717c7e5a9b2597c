import pretty from 'pino-pretty'
import { Type } from 'typebox'
import { maskNumbers } from '@switchhook/shared/masking'
import type { FastifyRequest } from 'fastify'
import { stdSerializers, type DestinationStream } from 'pino'

export const Options = Type.Object({
  level: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) =>
      Type.Literal(level),
    ),
    { env: 'LOG_LEVEL', default: 'info', description: 'From this level on lines are logged.' },
  ),
  pii: Type.Union([Type.Literal('masked'), Type.Literal('clear')], {
    env: 'LOG_PII',
    default: 'masked',
    description: 'Whether telephone numbers show in the log: `masked` (+1202…33) or `clear`.',
  }),
})

interface LogOptions {
  readonly level: string
  readonly pii: 'masked' | 'clear'
}

/**
 * JSON lines on stdout, readable text on a terminal, or whatever `stream` is given.
 * Queries are never logged: they may carry tokens.
 */
export function loggerOptions(
  { level, pii }: LogOptions,
  stream: DestinationStream | undefined = terminal(),
) {
  return {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: {
      err: withoutPacket,
      req: ({ method, url, ip }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], ip }),
    },
    // Whatever the text of an error quotes.
    ...(pii === 'masked' && { hooks: { streamWrite: maskNumbers } }),
    ...(stream && { stream }),
  }
}

/** Node hangs the bytes of a request that it cannot read on the error: its credential is among them. */
function withoutPacket(error: Error): ReturnType<typeof stdSerializers.err> {
  const told = stdSerializers.err(error)
  delete told['rawPacket']
  return told
}

function terminal(): DestinationStream | undefined {
  if (!process.stdout.isTTY) return undefined
  return pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
}
