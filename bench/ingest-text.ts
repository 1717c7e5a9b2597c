import { median, medianRatio } from './measure.ts'
import { figure, share, tableText } from './table.ts'
import type { IngestSuite } from './ingest-suites.ts'
import type { IngestReport, IngestRow } from './ingest.ts'
import type { IngestResult, Visit } from './load/ingest.ts'

type VisitsOf = (result: IngestResult) => readonly Visit[]

/** The report as tables, ratios first. */
export function ingestText(suite: IngestSuite, report: IngestReport): string {
  const { rows, bytesPerRequest } = report
  return [
    `${suite.title}, ${bytesPerRequest} bytes each, 32 connections that always have one under way`,
    phaseTable(suite, rows, ({ closed }) => closed),
    '',
    `${suite.title}, 300 requests a second`,
    phaseTable(suite, rows, ({ paced }) => paced),
    ...rows.flatMap(({ peer, results }) =>
      results.flatMap(({ invalid }) =>
        invalid === null ? [] : [`DOES NOT COUNT: ${peer}: ${invalid}`],
      ),
    ),
  ].join('\n')
}

const figures = [
  { key: 'cpuUs', heading: 'CPU µs' },
  { key: 'databaseUs', heading: 'database' },
  { key: 'loadUs', heading: 'load' },
  { key: 'perSecond', heading: 'req/s' },
  { key: 'p50Ms', heading: 'p50 ms' },
  { key: 'p99Ms', heading: 'p99 ms' },
] as const

function phaseTable(
  { against, store }: IngestSuite,
  rows: readonly IngestRow[],
  visitsOf: VisitsOf,
): string {
  const valuesOf = (index: number, key: keyof Visit): number[] =>
    rows[index]!.results.flatMap(visitsOf).map((visit) => visit[key])
  const [main] = against
  const cpuRatios = against.map(({ peer, heading }) => ({
    key: 'cpuUs' as const,
    peer,
    heading: `CPU ÷ ${heading}`,
  }))
  const ratios = [
    ...cpuRatios,
    { key: 'perSecond', peer: main!.peer, heading: `rate ÷ ${main!.heading}` },
    { key: 'p50Ms', peer: main!.peer, heading: `p50 ÷ ${main!.heading}` },
  ] as const
  const shown = figures.filter(({ key }) => store === 'postgres' || key !== 'databaseUs')
  const lines = rows.map(({ peer }, index) => [
    peer,
    ...ratios.map((ratio) =>
      medianRatio(valuesOf(index, ratio.key), valuesOf(ratio.peer, ratio.key)).toFixed(2),
    ),
    ...shown.map(({ key }) => figure(median(valuesOf(index, key)))),
    share(median(valuesOf(index, 'waited'))),
  ])
  const headings = ['', ...[...ratios, ...shown].map(({ heading }) => heading), 'waited']
  return tableText(headings, lines)
}
