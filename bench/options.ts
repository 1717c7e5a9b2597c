import { parseArgs } from 'node:util'

export const benchmarks = ['ingest', 'embedded', 'fanout', 'calls', 'sip-relay'] as const
export type Benchmark = (typeof benchmarks)[number]

/** What was asked for on the command line. */
export interface Options {
  readonly run: readonly Benchmark[]
  readonly quick: boolean
  readonly json: boolean
  readonly repetitions: number
  /** Numbers of subscribers, ascending. */
  readonly sockets: readonly number[]
  /** Where V8 profiles of our own processes go. */
  readonly profile: string | undefined
}

export const usage = `bench [ingest] [embedded] [fanout] [calls] [sip-relay] [options]

  ingest           a webhook over PostgreSQL, whose address is in DATABASE_URL
  embedded         a webhook over the embedded store
  fanout           an event to its subscribers
  calls            questions about a million calls
  sip-relay        a SIP message on its way through a relay

  --quick          a smoke run: everything once and short; its figures mean little
  --json           JSON on stdout instead of tables
  --repeat N       interleaved repetitions, 3 by default
  --sockets A,B    numbers of subscribers, 100,1000,5000 by default
  --profile DIR    write V8 CPU profiles of our processes there; it makes them slower`

/** Reads the command line. @throws with what is wrong with it */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      repeat: { type: 'string' },
      sockets: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const { quick, json, profile } = values
  const sockets = values.sockets ?? (quick ? '100' : '100,1000,5000')
  return {
    run: positionals.length > 0 ? positionals.map(benchmarkOf) : benchmarks,
    quick,
    json,
    profile,
    repetitions: positive('--repeat', values.repeat ?? (quick ? '1' : '3')),
    sockets: sockets
      .split(',')
      .map((count) => positive('--sockets', count))
      .sort((a, b) => a - b),
  }
}

function benchmarkOf(name: string): Benchmark {
  const found = benchmarks.find((benchmark) => benchmark === name)
  if (!found) throw new Error(`there is no benchmark '${name}'; there are ${benchmarks.join(', ')}`)
  return found
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} wants whole numbers above 0`)
  return value
}
