import { command } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { startService, type ServiceProcess } from '../service-process.ts'
import { serviceNames } from '../workspace.ts'
import { nearest } from '@switchhook/shared/config'

/** Runs services until they stop or are asked to. */
export const serve = command({
  summary: 'Runs the suite, or single services, until Ctrl-C.',
  words: '[services…]',
  flags: {},
  async run({ words, out }) {
    const names = words.length > 0 ? words : ['all-in-one']
    for (const name of names) requireService(name)
    const services = names.map((name) =>
      startService(name, { environment: process.env, stdio: ['inherit', 'inherit', 'inherit'] }),
    )
    const stopListening = onInterruption((signal) => forward(services, signal))
    const code = await Promise.race(services.map(({ exited }) => exited))
    // The services belong together: one that is missing would only be noticed by its silence.
    forward(services, 'SIGTERM')
    await Promise.all(services.map(({ exited }) => exited))
    stopListening()
    out.result('', { exitCode: code })
    return code
  },
})

function requireService(name: string): void {
  const known = serviceNames()
  if (known.includes(name)) return
  throw new UsageError(`there is no service '${name}'; did you mean ${nearest(name, known)}?`)
}

function forward(services: readonly ServiceProcess[], signal: NodeJS.Signals): void {
  for (const { child } of services) {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  }
}
