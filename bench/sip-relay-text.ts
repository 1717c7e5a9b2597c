import { median, medianRatio } from './measure.ts'
import { direct, reference } from './sip-relay-peers.ts'
import { modes, type SipRelayReport } from './sip-relay.ts'
import { figure, share, tableText } from './table.ts'
import type { Mode } from './load/relay.ts'

/** A ratio of memory. */
const idleGoal = 0.5

/** The report as tables, ratios first. */
export function sipRelayText(report: SipRelayReport): string {
  const tables = modes.map(
    (mode) =>
      `SIP relay, ${mode.title}; the goal is a ratio of ${mode.goal}\n${modeTable(report, mode)}\n`,
  )
  const idle =
    `${report.idle.lines} idle lines, their phones registered; the goal is a ratio of ${idleGoal}\n` +
    idleTable(report)
  return [...tables, idle, ...report.leftOut, ...faults(report)].join('\n')
}

const headings = ['', 'CPU ÷ ws', 'CPU µs', 'messages/s', 'waited']
const ofLatency = ['p50 ms', 'added p50 ms', 'p99 ms']

type Figure = 'cpuUs' | 'perSecond' | 'p50Ms' | 'p99Ms' | 'waited'

function modeTable(
  { peers: names, rows }: SipRelayReport,
  { name: mode, perSecond }: Mode,
): string {
  const all = (target: number, key: Figure): number[] =>
    rows.filter((row) => row.mode === mode && row.target === target).map((row) => row[key] ?? NaN)
  const one = (target: number, key: Figure): string => figure(median(all(target, key)))
  const base = names.indexOf(reference.name)
  const without = all(names.indexOf(direct), 'p50Ms')
  const isPaced = perSecond !== null
  const lines = names.map((name, target) => {
    const relayed = name !== direct
    const added = all(target, 'p50Ms').map((ms, index) => ms - without[index]!)
    const latency = [
      one(target, 'p50Ms'),
      relayed ? figure(median(added)) : '',
      one(target, 'p99Ms'),
    ]
    return [
      name,
      relayed ? medianRatio(all(target, 'cpuUs'), all(base, 'cpuUs')).toFixed(2) : '',
      relayed ? one(target, 'cpuUs') : '',
      one(target, 'perSecond'),
      relayed ? share(median(all(target, 'waited'))) : '',
      ...(isPaced ? latency : []),
    ]
  })
  return tableText([...headings, ...(isPaced ? ofLatency : [])], lines)
}

function idleTable({ peers: names, idle: { results } }: SipRelayReport): string {
  const base = results[names.indexOf(reference.name)]?.bytes ?? NaN
  const lines = results.map(({ bytes }, index) => {
    const weight = bytes ?? NaN
    return [names[index]!, (weight / base).toFixed(2), figure(weight / 1024)]
  })
  return tableText(['', 'RSS ÷ ws', 'KiB a line'], lines)
}

function faults({ peers: names, faults: found, idle }: SipRelayReport): string[] {
  const all = [...found, ...idle.results.map(({ fault }, target) => ({ target, fault }))]
  return all.flatMap(({ target, fault }) =>
    fault === null ? [] : [`DOES NOT COUNT: ${names[target]}: ${fault}`],
  )
}
