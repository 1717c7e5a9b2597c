import pretty from 'pino-pretty'
import type { FastifyRequest } from 'fastify'
import type { DestinationStream } from 'pino'

/**
 * JSON lines on stdout, readable text on a terminal, or whatever `stream` is given.
 * Queries are never logged: they may carry tokens.
 */
export function loggerOptions(level: string, stream: DestinationStream | undefined = terminal()) {
  return {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: {
      req: ({ method, url, ip }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], ip }),
    },
    ...(stream && { stream }),
  }
}

function terminal(): DestinationStream | undefined {
  if (!process.stdout.isTTY) return undefined
  return pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
}
