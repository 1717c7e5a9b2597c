import pretty from 'pino-pretty'
import type { FastifyRequest } from 'fastify'

/** JSON lines on stdout, readable text on a terminal. Queries are never logged: they may carry tokens. */
export function loggerOptions(level: string) {
  return {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: {
      req: ({ method, url, ip }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], ip }),
    },
    ...(process.stdout.isTTY && {
      stream: pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }),
    }),
  }
}
