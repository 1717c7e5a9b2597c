import { useAnswer } from '../api/answer.ts'
import { Answered } from '../operate/answered.tsx'
import { Moment } from '../operate/moment.tsx'
import { Standing } from '../operate/standing.tsx'
import { providersOf, type ProviderHealth } from './health.ts'
import type { Credential } from '../api/credential.ts'
import type { Page } from '../api/request.ts'
import type { App } from '../operate/apps.tsx'
import type { Vitals } from './vitals.ts'

interface ProvidersProps {
  readonly credential: Credential
  readonly app: App
  readonly vitals: Vitals
}

/** Providers that are configured or were heard of, and since when one is silent. */
export function Providers({ credential, app, vitals: { health, metrics } }: ProvidersProps) {
  const path = `internal/apps/${app.id}/providers`
  const answer = useAnswer<Page<{ provider: string }>>(credential, path)
  const stored = answer.value?.items.map(({ provider }) => provider) ?? []
  const found = providersOf({ health, metrics, stored })
  return (
    <section aria-labelledby="providers-title">
      <h2 id="providers-title">Providers</h2>
      <Answered
        answer={answer}
        known={answer.value !== null}
        empty={
          found.length === 0 && (
            <p class="quiet">
              None was heard of since the hub started. One appears here with its first webhook, or
              as soon as it has credentials of this app.
            </p>
          )
        }
      >
        <table class="table" aria-label="Providers">
          <thead>
            <tr>
              <th>State</th>
              <th>Provider</th>
              <th>Last webhook</th>
              <th>Refused</th>
              <th>Credentials</th>
            </tr>
          </thead>
          <tbody>
            {found.map((provider) => (
              <tr key={provider.provider} data-row tabIndex={-1}>
                <td>
                  <State provider={provider} />
                </td>
                <td>{provider.provider}</td>
                <td data-label="last webhook">
                  <Moment time={provider.lastAt} none="none since the start" />
                </td>
                <td data-label="refused">{refusalsOf(provider)}</td>
                <td data-label="credentials">{whereOf(provider)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Answered>
    </section>
  )
}

function State({ provider: { silentSince, lastAt, refused } }: { provider: ProviderHealth }) {
  if (silentSince !== null) {
    return (
      <>
        <Standing tone="wrong" word="silent" />{' '}
        <span class="quiet">
          since <Moment time={silentSince} />
        </span>
      </>
    )
  }
  if (lastAt !== null) return <Standing tone="well" word="delivers" />
  return refused.length > 0 ? (
    <Standing tone="wrong" word="refused" />
  ) : (
    <Standing tone="over" word="not heard yet" />
  )
}

/** How many, and why: the code is explained on the page of errors. */
function refusalsOf({ refused }: ProviderHealth): string {
  return refused.map(([code, count]) => `${count} × ${code}`).join(', ') || 'none'
}

/** What is known of them: those of the environment are told of when they have proved a webhook. */
function whereOf({ configured }: ProviderHealth): string {
  return configured.length === 0 ? 'in the environment, if any' : configured.join(' and ')
}
