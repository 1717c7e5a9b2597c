import { cleanUpOnExit } from './children.ts'
import { benchFanout, fanoutText } from './fanout.ts'
import { benchIngest, ingestText } from './ingest.ts'
import { machine, machineText } from './machine.ts'
import { readOptions, usage, type Benchmark, type Options } from './options.ts'

interface Report {
  readonly valid: boolean
}

const runs = {
  ingest: { bench: benchIngest, text: ingestText },
  fanout: { bench: benchFanout, text: fanoutText },
}

cleanUpOnExit()
try {
  const options = readOptions(process.argv.slice(2))
  const valid = await run(options)
  if (!valid) process.exitCode = 1
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 1
}

/** Progress goes to stderr, findings to stdout. */
async function run(options: Options): Promise<boolean> {
  const here = machine()
  console.error(machineText(here))
  if (options.quick) console.error('Quick run: it proves that the benchmarks work, not how fast we are.')
  const reports: Partial<Record<Benchmark, Report>> = {}
  for (const name of options.run) reports[name] = await runOne(name, options)
  if (options.json) console.log(JSON.stringify({ machine: here, ...reports }, null, 2))
  return Object.values(reports).every(({ valid }) => valid)
}

async function runOne(name: Benchmark, options: Options): Promise<Report> {
  if (name === 'ingest') {
    const report = await benchIngest(options)
    if (!options.json) console.log(`\n${ingestText(report)}\n`)
    return report
  }
  const report = await benchFanout(options)
  if (!options.json) console.log(`\n${fanoutText(report)}\n`)
  return report
}
