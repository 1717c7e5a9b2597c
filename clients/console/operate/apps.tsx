import { useEffect, useState } from 'preact/hooks'
import { useList, type List } from '../api/list.ts'
import type { Credential } from '../api/credential.ts'

/** Whose calls, keys and deliveries are shown. */
export interface App {
  readonly id: string
  readonly name: string
  readonly active: boolean
  readonly createdAt: string
}

export interface Apps {
  readonly list: List<App>
  /** The one that is shown; null until the list is there. */
  readonly app: App | null
  /** Shows another one, and remembers it. */
  choose(id: string): void
}

const key = 'switchhook.app'

/**
 * The apps, and which of them is shown: the one in the address, or the one of last time, or the first.
 * @param wanted the id in the address
 * @param show puts another one there
 */
export function useApps(
  credential: Credential,
  wanted: string | null,
  show: (id: string) => void,
): Apps {
  const list = useList<App>(credential, 'internal/apps', 200)
  const [kept] = useState(remembered)
  const named = (id: string | null): App | undefined => list.items.find((app) => app.id === id)
  useEffect(() => list.loadMore(), [list.next])
  return {
    list,
    app: named(wanted) ?? named(kept) ?? list.items[0] ?? null,
    choose(id) {
      remember(id)
      show(id)
    },
  }
}

/** Chooses an app; with only one there is nothing to choose. */
export function AppChoice({ apps: { list, app, choose } }: { apps: Apps }) {
  if (list.items.length < 2 || !app) return null
  return (
    <label class="choice">
      <span>App</span>
      <select value={app.id} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {list.items.map(({ id, name, active }) => (
          <option key={id} value={id}>
            {active ? name : `${name} (not active)`}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Some browsers forbid storage: then it is remembered as long as the page is open. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function remember(id: string): void {
  try {
    localStorage.setItem(key, id)
  } catch {
    // See above.
  }
}
