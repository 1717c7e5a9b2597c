import { modes, reference, type FanoutReport, type FanoutRow } from './fanout.ts'
import { median, medianRatio } from './measure.ts'
import { figure, share, tableText } from './table.ts'

/** The report as tables, ratios first. */
export function fanoutText(report: FanoutReport): string {
  const { rows, sockets, idleSockets } = report
  const parts = sockets.flatMap((count) =>
    modes.map(({ name, title, goal }) => {
      const goalText = goal === undefined ? '' : `; the goal at 1,000 is a ratio of ${goal}`
      return `Fan-out to ${count}, ${title}${goalText}\n${modeTable(rows, name, count)}\n`
    }),
  )
  const weighed = rows.filter(({ idle }) => idle.length > 0)
  const idle = weighed.map(({ peer, idle: [result] }) => [
    peer,
    ((result?.rssPerSocket ?? NaN) / (rows[reference]!.idle[0]?.rssPerSocket ?? NaN)).toFixed(2),
    figure((result?.rssPerSocket ?? NaN) / 1024),
  ])
  const faults = rows.flatMap(({ peer, results, idle: more }) =>
    [...results, ...more].flatMap(({ invalid }) =>
      invalid === null ? [] : [`DOES NOT COUNT: ${peer}: ${invalid}`],
    ),
  )
  const idleTable = tableText(['', 'RSS ÷ ws', 'KiB a socket'], idle)
  return [...parts, `${idleSockets} idle, authenticated sockets\n${idleTable}`, ...faults].join(
    '\n',
  )
}

const headings = [
  '',
  'CPU ÷ ws',
  'p50 ÷ ws',
  'rate ÷ ws',
  'CPU µs',
  'deliveries/s',
  'p50 ms',
  'p99 ms',
  'waited',
]

function modeTable(rows: readonly FanoutRow[], mode: string, sockets: number): string {
  const all = rows.map(({ results }) =>
    results.flatMap((result) =>
      result.rows.filter((row) => row.mode === mode && row.sockets === sockets),
    ),
  )
  const lines = rows.map(({ peer }, index) => {
    const of = (key: Figure, which = index): number[] => all[which]!.map((row) => row[key])
    const ratios = (['cpuUs', 'p50Ms', 'perSecond'] as const).map((key) =>
      medianRatio(of(key), of(key, reference)).toFixed(2),
    )
    return [
      peer,
      ...ratios,
      ...figures.map((key) => figure(median(of(key)))),
      share(median(of('waited'))),
    ]
  })
  return tableText(headings, lines)
}

const figures = ['cpuUs', 'perSecond', 'p50Ms', 'p99Ms'] as const
type Figure = (typeof figures)[number] | 'waited'
