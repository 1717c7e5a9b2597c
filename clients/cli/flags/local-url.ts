import { Listen, loadConfig, type Environment } from '@switchhook/shared/config'

/** A URL of the suite on this machine, as HOST and PORT say. @throws ConfigError if they are wrong */
export function localUrl(environment: Environment, path: string): string {
  const { host, port } = loadConfig(Listen, { environment })
  // A wildcard address is one to listen on, not to connect to.
  const reachable = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  return new URL(path, `http://${reachable}:${port}`).href
}
