import { nearest } from '@switchhook/shared/config'
import { command } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { startService } from '../service-process.ts'
import { serviceNames } from '../workspace.ts'

/** Runs a service as a process and ends with its exit code. */
export const serve = command({
  summary: 'Runs the whole suite in one process, or the named service, until Ctrl-C.',
  words: '[service]',
  flags: {},
  async run({ words, environment, out }) {
    const { child, exited } = startService(serviceOf(words), {
      environment,
      // Services write text to a terminal and JSON to a pipe.
      stdio: ['inherit', out.json ? 'pipe' : 'inherit', 'inherit'],
    })
    child.stdout?.pipe(process.stdout, { end: false })
    const stopListening = onInterruption((signal) => child.kill(signal))
    const code = await exited
    stopListening()
    return code
  },
})

function serviceOf([name = 'all-in-one', ...others]: readonly string[]): string {
  if (others.length > 0) {
    throw new UsageError('one process owns a store: serve without names runs all services in one')
  }
  const known = serviceNames()
  if (known.includes(name)) return name
  throw new UsageError(`there is no service '${name}'; did you mean ${nearest(name, known)}?`)
}
