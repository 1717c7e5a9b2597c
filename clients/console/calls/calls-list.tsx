import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import { useList, type List } from '../api/list.ts'
import { useKeys } from '../keys.ts'
import { rowId } from '../live/cells.tsx'
import { ListFoot } from '../parts/list-foot.tsx'
import { newsText, useNews } from '../parts/news.ts'
import { focusRow } from '../parts/window.ts'
import { amend, queryWith } from '../route.ts'
import { Empty } from './empty.tsx'
import { Export } from './export.tsx'
import { Filters } from './filters.tsx'
import { callsPath, isFiltered } from './query.ts'
import { beganAt } from './row.tsx'
import { Table } from './table.tsx'
import type { CallRecord } from '@switchhook/shared/projections'
import type { Credential } from '../api/credential.ts'
import type { Store } from '../store.ts'

interface CallsListProps {
  readonly credential: Credential
  readonly query: URLSearchParams
  readonly store: Store | null
  /** A call is open before it. */
  readonly behind: boolean
}

/** The calls that a filter finds, newest first. */
export function CallsList({ credential, query, store, behind }: CallsListProps) {
  const asked = useAsked(query)
  const list = useList<CallRecord>(credential, asked.path)
  const [selected, select] = useState<string | null>(null)
  const search = useRef<HTMLInputElement>(null)
  const [news, noNews] = useNews(store, ['call-initiated'])
  const refresh = (): void => {
    noNews()
    // What counts back from now is another path by now, and is loaded as such.
    if (callsPath(query, Date.now()) === asked.path) list.reload()
    else asked.again()
  }
  useListKeys({ list, selected, select, search, behind, refresh })
  return (
    <main class="page" hidden={behind}>
      <div class="page-head">
        <h1>Calls</h1>
        {news > 0 && (
          <button type="button" class="news" onClick={refresh}>
            {newsText(news, 'call')}: show
          </button>
        )}
        <div class="buttons">
          <button type="button" onClick={refresh}>
            Refresh <kbd>r</kbd>
          </button>
          <Export credential={credential} path={asked.path} />
        </div>
      </div>
      <Filters query={query} search={search} />
      {list.items.length > 0 && (
        <Table
          records={list.items}
          busy={list.loading}
          {...{ query, selected }}
          onSelect={select}
        />
      )}
      <ListFoot list={list} onward={<Onward list={list} query={query} />}>
        <Empty filtered={isFiltered(query)} />
      </ListFoot>
    </main>
  )
}

/** The path of a filter, which stays the same until the filter changes, or is asked about this moment. */
function useAsked(query: URLSearchParams) {
  const [round, again] = useReducer((count: number) => count + 1, 0)
  const now = useMemo(Date.now, [String(query), round])
  return { path: callsPath(query, now), again: () => again(undefined) }
}

/** A list that is longer than what is kept goes on with the calls before its last one. */
function Onward({ list: { items }, query }: { list: List<CallRecord>; query: URLSearchParams }) {
  const last = items.at(-1)
  if (!last) return null
  const older = queryWith(query, { range: '', to: beganAt(last) })
  return (
    <button type="button" onClick={() => amend({ page: 'calls', query: older })}>
      Show older ones
    </button>
  )
}

interface ListKeys {
  readonly list: List<CallRecord>
  readonly selected: string | null
  readonly select: (id: string) => void
  readonly search: RefObject<HTMLInputElement | null>
  readonly behind: boolean
  readonly refresh: () => void
}

/** Everything in the list by keyboard; `Enter` is the row's own, which is a link. */
function useListKeys({ list, selected, select, search, behind, refresh }: ListKeys): void {
  const { items } = list
  const focus = (id: string): void =>
    focusRow(
      rowId(id),
      items.findIndex((call) => call.id === id),
      items.length,
    )
  // Keys may come faster than anything is rendered.
  const latest = useRef(selected)
  latest.current = selected
  const move = (step: number): void => {
    const at = items.findIndex(({ id }) => id === latest.current)
    const next = items[at === -1 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))]
    if (!next) return
    latest.current = next.id
    select(next.id)
    focus(next.id)
  }
  useKeys(
    behind
      ? {}
      : {
          j: () => move(1),
          k: () => move(-1),
          r: refresh,
          '/': (event) => {
            event.preventDefault()
            search.current?.focus()
          },
          Escape: () => search.current?.blur(),
        },
  )
  useLayoutEffect(() => {
    // Back in the list where one was.
    if (!behind && selected !== null) focus(selected)
  }, [behind])
}
