import { median, medianRatio } from './measure.ts'
import { figure, share, tableText } from './table.ts'
import type { IngestReport, IngestRow } from './ingest.ts'
import type { IngestPhase, IngestResult } from './load/ingest.ts'

/** The report as tables; the first figures are ratios to the peer that stores. */
export function ingestText({ rows }: IngestReport): string {
  const bytes = rows[0]?.results[0]?.bytesPerRequest ?? 0
  return [
    `Ingest, 32 connections that always have a request under way, ${bytes} bytes each, Ed25519`,
    phaseTable(rows, ({ closed }) => closed),
    '',
    'Ingest, 300 requests a second',
    phaseTable(rows, ({ paced }) => paced),
    ...rows.flatMap(({ peer, results }) =>
      results.flatMap(({ invalid }) =>
        invalid === null ? [] : [`DOES NOT COUNT: ${peer}: ${invalid}`],
      ),
    ),
  ].join('\n')
}

const headings = [
  '',
  'CPU ÷ storing',
  'CPU ÷ not',
  'rate ÷ storing',
  'CPU µs',
  'req/s',
  'p50 ms',
  'p99 ms',
  'waited',
]

function phaseTable(
  rows: readonly IngestRow[],
  phaseOf: (result: IngestResult) => IngestPhase,
): string {
  const all = rows.map(({ results }) => results.map(phaseOf))
  const [, storing = [], not = []] = all.map((phases) => phases.map(({ cpuUs }) => cpuUs))
  const lines = rows.map(({ peer }, index) => {
    const of = (key: keyof IngestPhase): number[] => all[index]!.map((phase) => phase[key])
    const storingRate = all[1]!.map(({ perSecond }) => perSecond)
    return [
      peer,
      medianRatio(of('cpuUs'), storing).toFixed(2),
      medianRatio(of('cpuUs'), not).toFixed(2),
      medianRatio(of('perSecond'), storingRate).toFixed(2),
      ...(['cpuUs', 'perSecond', 'p50Ms', 'p99Ms'] as const).map((key) => figure(median(of(key)))),
      share(median(of('waited'))),
    ]
  })
  return tableText(headings, lines)
}
