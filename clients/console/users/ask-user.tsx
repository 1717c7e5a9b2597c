import { useState } from 'preact/hooks'
import { Dialog } from '../operate/dialog.tsx'
import { providers } from '../operate/providers.ts'
import { textIn } from '../operate/text-in.ts'
import {
  kindNames,
  kinds,
  type Kind,
  type Mapping,
  type NewMapping,
  type Unmapped,
} from './mapping.ts'

interface AskUserProps {
  /** Somebody who was seen and is mapped to nobody; null: it is asked for. */
  readonly from: Unmapped | null
  readonly onSubmit: (given: NewMapping) => Promise<void>
  readonly onClose: () => void
}

/** Asks whose a value is. */
export function AskUser({ from, onSubmit, onClose }: AskUserProps) {
  const [kind, setKind] = useState<Kind>('provider_user')
  const submit = (fields: FormData): Promise<void> => {
    const provider = from?.provider ?? textIn(fields, 'provider')
    const value = from?.value ?? textIn(fields, 'value')
    return onSubmit({ kind, provider: provider || null, value, ...userIn(fields) })
  }
  const title = from ? `Whose is ${from.name ?? from.email ?? from.value}?` : 'Map a user'
  return (
    <Dialog title={title} submit="Map" onSubmit={submit} onClose={onClose}>
      {from ? (
        <What kind={kind} provider={from.provider} value={from.value} />
      ) : (
        <WhatFields kind={kind} onKind={setKind} />
      )}
      <UserFields sub={from?.email ?? ''} team="" />
    </Dialog>
  )
}

interface ChangeUserProps {
  readonly mapping: Mapping
  readonly onSubmit: (user: User) => Promise<void>
  readonly onClose: () => void
}

/** Asks whose a value is from now on. */
export function ChangeUser({ mapping, onSubmit, onClose }: ChangeUserProps) {
  const submit = (fields: FormData): Promise<void> => onSubmit(userIn(fields))
  return (
    <Dialog title={`Whose is ${mapping.value}?`} submit="Save" onSubmit={submit} onClose={onClose}>
      <What {...mapping} />
      <UserFields sub={mapping.sub} team={mapping.team ?? ''} />
    </Dialog>
  )
}

export type User = Pick<NewMapping, 'sub' | 'team'>

const userIn = (fields: FormData): User => ({
  sub: textIn(fields, 'sub'),
  team: textIn(fields, 'team') || null,
})

function What({ kind, provider, value }: Pick<NewMapping, 'kind' | 'provider' | 'value'>) {
  return (
    <p class="quiet long">
      {kinds[kind].title} {provider} {value}
    </p>
  )
}

function UserFields({ sub, team }: { sub: string; team: string }) {
  return (
    <>
      <label class="field">
        <span>User</span>
        <input
          name="sub"
          required
          maxLength={256}
          autocomplete="off"
          spellcheck={false}
          defaultValue={sub}
        />
        <small>
          As your tokens name them in <code>sub</code>.
        </small>
      </label>
      <label class="field">
        <span>Team</span>
        <input
          name="team"
          maxLength={128}
          autocomplete="off"
          spellcheck={false}
          defaultValue={team}
        />
        <small>Empty, or who else sees these calls.</small>
      </label>
    </>
  )
}

function WhatFields({ kind, onKind }: { kind: Kind; onKind: (kind: Kind) => void }) {
  return (
    <>
      <label class="field">
        <span>Kind</span>
        <select
          name="kind"
          value={kind}
          onChange={({ currentTarget }) => onKind(currentTarget.value as Kind)}
        >
          {kindNames.map((name) => (
            <option key={name} value={name}>
              {kinds[name].title}
            </option>
          ))}
        </select>
      </label>
      {kind === 'provider_user' && (
        <label class="field">
          <span>Provider</span>
          <select name="provider">
            {providers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>Value</span>
        <input name="value" required maxLength={256} autocomplete="off" spellcheck={false} />
        <small>For example {kinds[kind].example}.</small>
      </label>
    </>
  )
}
