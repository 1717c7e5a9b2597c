import { useRef, useState } from 'preact/hooks'
import { useList } from '../api/list.ts'
import { request } from '../api/request.ts'
import { useRowKeys } from '../operate/row-keys.ts'
import { AskUser, ChangeUser, type User } from './ask-user.tsx'
import { MappingList } from './mapping-list.tsx'
import { PasteUsers } from './paste-users.tsx'
import { RemoveUser } from './remove-user.tsx'
import { UnmappedList } from './unmapped-list.tsx'
import type { App } from '../operate/apps.tsx'
import type { Credential } from '../api/credential.ts'
import type { Route } from '../route.ts'
import type { Mapping, NewMapping, Unmapped } from './mapping.ts'

interface UsersProps {
  readonly credential: Credential
  readonly app: App
  readonly route: Route
}

/** What is asked: for another mapping, perhaps of somebody, for a change, for many, or whether to remove one. */
type Question =
  | { readonly to: 'add'; readonly from: Unmapped | null }
  | { readonly to: 'edit' | 'remove'; readonly mapping: Mapping }
  | { readonly to: 'paste' }

/** Which calls are whose: those nobody has yet come first. */
export function Users({ credential, app, route }: UsersProps) {
  const path = `internal/apps/${app.id}/user-mappings`
  const unmapped = useList<Unmapped>(credential, `${path}/unmapped`, 50)
  const mappings = useList<Mapping>(credential, path, 200)
  const [question, ask] = useState<Question | null>(null)
  const lists = useRef<HTMLDivElement>(null)
  const filter = useRef<HTMLInputElement>(null)
  useRowKeys({ list: lists, filter })
  const reload = (): void => {
    mappings.reload()
    unmapped.reload()
  }
  const put = async (body: NewMapping): Promise<void> => {
    await request(credential, path, { method: 'PUT', body })
    unmapped.change((items) => items.filter(({ value }) => value !== body.value))
    reload()
  }
  const change = async (id: string, body: User): Promise<void> => {
    await request(credential, `${path}/${id}`, { method: 'PUT', body })
    reload()
  }
  const remove = async (id: string): Promise<void> => {
    await request(credential, `${path}/${id}`, { method: 'DELETE' })
    // Before the dialog closes: it must not give the focus to a row that goes.
    mappings.change((items) => items.filter((item) => item.id !== id))
    reload()
  }
  const close = (): void => ask(null)
  return (
    <div ref={lists}>
      <UnmappedList list={unmapped} onMap={(from) => ask({ to: 'add', from })} />
      <MappingList
        list={mappings}
        filter={filter}
        route={route}
        onAdd={() => ask({ to: 'add', from: null })}
        onPaste={() => ask({ to: 'paste' })}
        onEdit={(mapping) => ask({ to: 'edit', mapping })}
        onRemove={(mapping) => ask({ to: 'remove', mapping })}
      />
      {question?.to === 'add' && <AskUser from={question.from} onSubmit={put} onClose={close} />}
      {question?.to === 'edit' && (
        <ChangeUser
          mapping={question.mapping}
          onSubmit={(user) => change(question.mapping.id, user)}
          onClose={close}
        />
      )}
      {question?.to === 'remove' && (
        <RemoveUser
          mapping={question.mapping}
          onSubmit={() => remove(question.mapping.id)}
          onClose={close}
        />
      )}
      {question?.to === 'paste' && (
        <PasteUsers {...{ credential, path }} onDone={reload} onClose={close} />
      )}
    </div>
  )
}
