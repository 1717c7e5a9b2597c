import type { Counts } from './replay-range.ts'

const words = [
  ['accepted', 'became events now'],
  ['duplicate', 'nothing new in them'],
  ['quarantined', 'still cannot be read'],
  ['purged', 'were removed before'],
] as const

/** How it went. */
export function ReplayCounts({ counts }: { counts: Counts }) {
  return (
    <dl class="facts counts">
      <div>
        <dt>{counts.deliveries}</dt>
        <dd>{counts.deliveries === 1 ? 'delivery' : 'deliveries'} read</dd>
      </div>
      {words.map(([name, text]) => (
        <div key={name}>
          <dt>{counts[name]}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}
