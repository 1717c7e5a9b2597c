import type { FastifyInstance } from 'fastify'
import type { Options } from './config.ts'

export { Options } from './config.ts'

interface SipProxyOptions extends Options {
  /** What clients call us. */
  readonly publicUrl: string
  /** Whether other processes serve the same store: clients have somewhere to go when this one stops. */
  readonly replicated: boolean
}

/** sip-proxy: a browser's SIP in, a PBX out; and when that fails, why. */
export default async function sipProxy(
  app: FastifyInstance,
  { publicUrl, ...options }: SipProxyOptions,
): Promise<void> {
  app.log.debug({ publicUrl, maxSockets: options.maxSockets }, 'sip-proxy')
}
