import { reference } from './fanout-peers.ts'
import { modes, type FanoutReport, type FanoutRun } from './fanout.ts'
import { median, medianRatio } from './measure.ts'
import { figure, share, tableText } from './table.ts'

/** KiB per idle socket. */
const idleGoal = 16

/** The report as tables, ratios first. */
export function fanoutText(report: FanoutReport): string {
  const tables = report.runs.flatMap((run) =>
    modes.map(
      ({ name, title, goal }) =>
        `Fan-out to ${run.sockets}, ${title}; the goal is a ratio of ${goal}\n` +
        `${modeTable(report, run, name)}\n`,
    ),
  )
  const idle =
    `${report.idle.sockets} idle, authenticated sockets; the goal is ${idleGoal} KiB\n` +
    idleTable(report)
  return [...tables, idle, ...report.leftOut, ...faults(report)].join('\n')
}

const headings = [
  '',
  'CPU ÷ ws',
  'p50 ÷ ws',
  'CPU µs',
  'deliveries/s',
  'p50 ms',
  'p99 ms',
  'waited',
]
const figures = ['cpuUs', 'perSecond', 'p50Ms', 'p99Ms'] as const
type Figure = (typeof figures)[number] | 'waited'

function modeTable({ peers: names }: FanoutReport, { rows }: FanoutRun, mode: string): string {
  const all = (target: number, key: Figure): number[] =>
    rows.filter((row) => row.mode === mode && row.target === target).map((row) => row[key])
  const base = names.indexOf(reference.name)
  const lines = names.map((name, target) => [
    name,
    ...(['cpuUs', 'p50Ms'] as const).map((key) =>
      medianRatio(all(target, key), all(base, key)).toFixed(2),
    ),
    ...figures.map((key) => figure(median(all(target, key)))),
    share(median(all(target, 'waited'))),
  ])
  return tableText(headings, lines)
}

function idleTable({ peers: names, idle: { results } }: FanoutReport): string {
  const base = results[names.indexOf(reference.name)]?.bytes ?? NaN
  const lines = names.map((name, index) => {
    const bytes = results[index]?.bytes ?? NaN
    return [name, (bytes / base).toFixed(2), figure(bytes / 1024)]
  })
  return tableText(['', 'RSS ÷ ws', 'KiB a socket'], lines)
}

function faults({ peers: names, runs, idle }: FanoutReport): string[] {
  const found = [
    ...runs.flatMap((run) => run.faults),
    ...idle.results.map(({ fault }, target) => ({ target, fault })),
  ]
  return found.flatMap(({ target, fault }) =>
    fault === null ? [] : [`DOES NOT COUNT: ${names[target]}: ${fault}`],
  )
}
