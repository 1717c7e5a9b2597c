import { nearest } from '@switchhook/shared/config'
import { command } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { startService, type ServiceProcess } from '../service-process.ts'
import { serviceNames } from '../workspace.ts'
import type { Environment } from '@switchhook/shared/config'

/** Runs services as processes and ends with the exit code of the first one that ends. */
export const serve = command({
  summary: 'Runs the whole suite in one process, or the named services, until Ctrl-C.',
  words: '[services…]',
  flags: {},
  async run({ words, environment, out }) {
    const names = words.length > 0 ? words : ['all-in-one']
    for (const name of names) requireService(name)
    const services = names.map((name) => start(name, environment, out.json))
    const stopListening = onInterruption((signal) => forward(services, signal))
    const code = await Promise.race(services.map(({ exited }) => exited))
    // They belong together: one that is missing would only be noticed by its silence.
    forward(services, 'SIGTERM')
    await Promise.all(services.map(({ exited }) => exited))
    stopListening()
    return code
  },
})

function requireService(name: string): void {
  const known = serviceNames()
  if (known.includes(name)) return
  throw new UsageError(`there is no service '${name}'; did you mean ${nearest(name, known)}?`)
}

/** Services write text to a terminal and JSON to a pipe. */
function start(name: string, environment: Environment, json: boolean): ServiceProcess {
  const service = startService(name, {
    environment,
    stdio: ['inherit', json ? 'pipe' : 'inherit', 'inherit'],
  })
  service.child.stdout?.pipe(process.stdout, { end: false })
  return service
}

function forward(services: readonly ServiceProcess[], signal: NodeJS.Signals): void {
  for (const { child } of services) {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  }
}
