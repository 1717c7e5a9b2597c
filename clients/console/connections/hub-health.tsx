import { Standing } from '../operate/standing.tsx'
import { formatAge } from '../parts/time.ts'
import { skewIn } from './health.ts'
import type { Vitals } from './vitals.ts'

/** How the hub is: what works, and how many are connected. */
export function HubHealth({ vitals: { health, metrics, away } }: { vitals: Vitals }) {
  return (
    <section aria-labelledby="hub-title">
      <h2 id="hub-title">Hub</h2>
      {away && <Standing tone="wrong" word="does not answer" />}
      {health && (
        <>
          <dl class="figures">
            <Figure title="open sockets" value={health.websocket.connections} />
            <Figure title="failed since the start" value={health.websocket.errors} />
            <Figure title="running" value={uptimeOf(health.uptime)} />
            <Figure title="clock is off by" value={skewOf(metrics)} />
          </dl>
          <ul class="checks">
            {Object.entries(health.checks).map(([name, { status, reason }]) => (
              <li key={name}>
                <Standing tone={status === 'ok' ? 'well' : 'wrong'} word={name} />
                <span class="quiet">{reason ?? (status === 'ok' ? 'works' : status)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {!health && !away && <p class="quiet">Loading…</p>}
    </section>
  )
}

function Figure({ title, value }: { title: string; value: string | number }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** Known as soon as a provider has signed a time. */
function skewOf(metrics: string): string {
  const seconds = skewIn(metrics)
  return seconds === null ? 'not known yet' : `${seconds} s`
}

function uptimeOf(seconds: number): string {
  return seconds < 172_800 ? formatAge(seconds * 1_000) : `${Math.round(seconds / 86_400)} days`
}
