import { useRef, useState } from 'preact/hooks'
import { request } from '../api/request.ts'
import { useAnswer } from '../api/answer.ts'
import { hubNow } from '../parts/time.ts'
import { useRowKeys } from '../operate/row-keys.ts'
import { Answered } from '../operate/answered.tsx'
import { standingOf, type ApiKey } from './key-standing.ts'
import { KeyTable } from './key-table.tsx'
import { NewKey } from './new-key.tsx'
import { Revoke } from './revoke.tsx'
import { ShownKey, type FreshKey } from './shown-key.tsx'
import type { App } from '../operate/apps.tsx'
import type { Credential } from '../api/credential.ts'

interface KeysProps {
  readonly credential: Credential
  readonly app: App
}

/** What `api-key/status` answers. */
interface Status {
  readonly active: boolean
  readonly keys: readonly ApiKey[]
}

/** The keys of an app: what there is, a new one, the end of one. */
export function Keys({ credential, app }: KeysProps) {
  const path = `internal/apps/${app.id}/api-key`
  const status = useAnswer<Status>(credential, `${path}/status`)
  const [asking, ask] = useState<'new' | ApiKey | null>(null)
  const [fresh, setFresh] = useState<FreshKey | null>(null)
  const list = useRef<HTMLTableElement>(null)
  useRowKeys({ list })
  const keys = status.value?.keys ?? []
  const now = hubNow()
  const live = keys.filter((key) => standingOf(key, now).live)
  const create = async (body: object): Promise<void> => {
    setFresh(await request<FreshKey>(credential, path, { method: 'POST', body }))
    status.reload()
  }
  const revoke = async ({ id }: ApiKey): Promise<void> => {
    await request(credential, `${path}/${id}`, { method: 'DELETE' })
    status.reload()
  }
  const closed = (): void => ask(null)
  return (
    <section aria-labelledby="keys-title">
      <div class="section-head">
        <h2 id="keys-title">API keys</h2>
        <button type="button" class="primary" onClick={() => ask('new')}>
          {live.length === 0 ? 'Create a key' : 'New key'}
        </button>
      </div>
      <Answered
        answer={status}
        known={status.value !== null}
        empty={keys.length === 0 && <NoKeys />}
      >
        <KeyTable {...{ keys, now, list }} onRevoke={ask} />
      </Answered>
      {asking === 'new' && <NewKey live={live.length} onSubmit={create} onClose={closed} />}
      {asking !== null && asking !== 'new' && (
        <Revoke target={asking} live={live} onSubmit={() => revoke(asking)} onClose={closed} />
      )}
      {fresh && <ShownKey fresh={fresh} onClose={() => setFresh(null)} />}
    </section>
  )
}

function NoKeys() {
  return (
    <p>
      This app has no key yet. A key lets a program read calls and publish events without a user's
      token: create one, and give it to the program as <code>x-app-api-key</code>.
    </p>
  )
}
