import { useState } from 'preact/hooks'
import { request } from '../api/request.ts'
import { AppChoice, type App, type Apps } from '../operate/apps.tsx'
import { Dialog } from '../operate/dialog.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { Standing } from '../operate/standing.tsx'
import { textIn } from '../operate/text-in.ts'
import type { Credential } from '../api/credential.ts'

interface AppBarProps {
  readonly credential: Credential
  readonly apps: Apps
  readonly app: App
}

type Question = 'new' | 'rename' | 'switch' | null

/** Which app it is, and what can be done with apps. */
export function AppBar({ credential, apps, app }: AppBarProps) {
  const [question, ask] = useState<Question>(null)
  const closed = (): void => ask(null)
  const create = async (fields: FormData): Promise<void> => {
    const init = { method: 'POST', body: { name: textIn(fields, 'name') } } as const
    const made = await request<App>(credential, 'internal/apps', init)
    apps.list.change((items) => [...items, made])
    apps.choose(made.id)
  }
  const change = async (body: Partial<Pick<App, 'name' | 'active'>>): Promise<void> => {
    const init = { method: 'PATCH', body } as const
    const changed = await request<App>(credential, `internal/apps/${app.id}`, init)
    apps.list.change((items) => items.map((item) => (item.id === app.id ? changed : item)))
  }
  return (
    <div class="app-bar">
      <AppChoice apps={apps} />
      {apps.list.items.length === 1 && <b>{app.name}</b>}
      <Standing tone={app.active ? 'well' : 'over'} word={app.active ? 'active' : 'not active'} />
      <CopyButton text={app.id} label="Copy app id" />
      <span class="actions">
        <button type="button" onClick={() => ask('rename')}>
          Rename
        </button>
        <button type="button" onClick={() => ask('switch')}>
          {app.active ? 'Deactivate' : 'Activate'}
        </button>
        <button type="button" onClick={() => ask('new')}>
          New app
        </button>
      </span>
      {question === 'new' && (
        <Dialog title="New app" submit="Create the app" onSubmit={create} onClose={closed}>
          <NameField name="" />
          <p class="quiet">
            An app has its own keys, users and webhook addresses. As soon as there are two, tokens
            have to say whose they are.
          </p>
        </Dialog>
      )}
      {question === 'rename' && (
        <Dialog
          title="Rename the app"
          submit="Rename"
          onSubmit={(fields) => change({ name: textIn(fields, 'name') })}
          onClose={closed}
        >
          <NameField name={app.name} />
        </Dialog>
      )}
      {question === 'switch' && (
        <Switch app={app} onSubmit={() => change({ active: !app.active })} onClose={closed} />
      )}
    </div>
  )
}

interface SwitchProps {
  readonly app: App
  readonly onSubmit: () => Promise<void>
  readonly onClose: () => void
}

function Switch({ app: { name, active }, onSubmit, onClose }: SwitchProps) {
  return (
    <Dialog
      title={active ? `Deactivate ${name}?` : `Activate ${name}?`}
      submit={active ? 'Deactivate the app' : 'Activate the app'}
      grave={active}
      onSubmit={onSubmit}
      onClose={onClose}
    >
      <p>
        {active
          ? 'Its tokens, keys and webhooks are refused and its connections are closed, until it is activated again. What it has stored stays.'
          : 'Its tokens, keys and webhooks are accepted again.'}
      </p>
    </Dialog>
  )
}

function NameField({ name }: { name: string }) {
  return (
    <label class="field">
      <span>Name</span>
      <input name="name" defaultValue={name} required maxLength={200} autocomplete="off" />
    </label>
  )
}
