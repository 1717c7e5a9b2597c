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

const headings = {
  cpuUs: 'CPU µs',
  databaseUs: 'database',
  loadUs: 'load',
  perSecond: 'req/s',
  p50Ms: 'p50 ms',
  p99Ms: 'p99 ms',
} as const
const keys = Object.keys(headings) as (keyof typeof headings)[]

function phaseTable(
  { against }: IngestSuite,
  rows: readonly IngestRow[],
  visitsOf: VisitsOf,
): string {
  const figuresOf = (index: number, key: keyof Visit): number[] =>
    rows[index]!.results.flatMap(visitsOf).map((visit) => visit[key])
  const [main] = against
  const ratios = [
    ...against.map(({ peer, heading }) => ({
      key: 'cpuUs' as const,
      peer,
      heading: `CPU ÷ ${heading}`,
    })),
    { key: 'perSecond', peer: main!.peer, heading: `rate ÷ ${main!.heading}` },
    { key: 'p50Ms', peer: main!.peer, heading: `p50 ÷ ${main!.heading}` },
  ] as const
  const lines = rows.map(({ peer }, index) => [
    peer,
    ...ratios.map((ratio) =>
      medianRatio(figuresOf(index, ratio.key), figuresOf(ratio.peer, ratio.key)).toFixed(2),
    ),
    ...keys.map((key) => figure(median(figuresOf(index, key)))),
    share(median(figuresOf(index, 'waited'))),
  ])
  const names = ['', ...ratios.map(({ heading }) => heading), ...Object.values(headings), 'waited']
  return tableText(names, lines)
}
