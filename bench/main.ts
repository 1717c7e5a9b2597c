import { benchCalls, callsText } from './calls.ts'
import { cleanUpOnExit } from './children.ts'
import { fanoutText } from './fanout-text.ts'
import { benchFanout } from './fanout.ts'
import { embeddedSuites, postgresSuite, type IngestSuite } from './ingest-suites.ts'
import { ingestText } from './ingest-text.ts'
import { benchIngest } from './ingest.ts'
import { machine, machineText } from './machine.ts'
import { readOptions, usage, type Benchmark, type Options } from './options.ts'
import { sipRelayText } from './sip-relay-text.ts'
import { benchSipRelay } from './sip-relay.ts'

interface Finding {
  /** False when a row does not count. */
  readonly valid: boolean
  readonly text: string
  readonly report: object
}

const runs: Readonly<Record<Benchmark, (options: Options) => Promise<Finding>>> = {
  ingest: (options) => ingest(postgresSuite, options),
  async embedded(options) {
    const findings: Finding[] = []
    for (const suite of embeddedSuites) findings.push(await ingest(suite, options))
    const [first, second] = findings.map(({ report }) => report)
    return {
      valid: findings.every(({ valid }) => valid),
      text: findings.map(({ text }) => text).join('\n\n'),
      report: { valid: findings.every(({ valid }) => valid), hmac: first, ed25519: second },
    }
  },
  async fanout(options) {
    const report = await benchFanout(options)
    return { valid: report.valid, text: fanoutText(report), report }
  },
  async calls(options) {
    const report = await benchCalls(options)
    return { valid: report.valid, text: callsText(report), report }
  },
  async 'sip-relay'(options) {
    const report = await benchSipRelay(options)
    return { valid: report.valid, text: sipRelayText(report), report }
  },
}

async function ingest(suite: IngestSuite, options: Options): Promise<Finding> {
  const report = await benchIngest(suite, options)
  return { valid: report.valid, text: ingestText(suite, report), report }
}

/** Progress goes to stderr, findings to stdout. */
async function run(options: Options): Promise<boolean> {
  const here = machine()
  console.error(machineText(here))
  if (options.quick)
    console.error('A quick run proves that the benchmarks work, not how fast we are.')
  const findings: [Benchmark, Finding][] = []
  for (const name of options.run) {
    const finding = await runs[name](options)
    findings.push([name, finding])
    if (!options.json) console.log(`\n${finding.text}\n`)
  }
  if (options.json) {
    const reports = Object.fromEntries(findings.map(([name, { report }]) => [name, report]))
    console.log(JSON.stringify({ machine: here, ...reports }, null, 2))
  }
  return findings.every(([, { valid }]) => valid)
}

cleanUpOnExit()
try {
  const options = readOptions(process.argv.slice(2))
  if (!(await run(options))) process.exitCode = 1
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 1
}
