import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { copyText } from '../parts/copy.tsx'
import { Toast, useToast } from '../parts/toast.tsx'
import { go } from '../route.ts'
import { useKeys } from '../keys.ts'
import { CallList, focusCall } from './call-list.tsx'
import { CallPanel } from './call-panel.tsx'
import { Counters } from './counters.tsx'
import { Empty } from './empty.tsx'
import { countCalls, selectCalls } from './select.ts'
import { useSteady } from './steady.ts'
import type { BoardCall } from './board.ts'
import type { PageProps } from '../page.ts'
import type { Store } from '../store.ts'

const close = (): void => go({ page: 'live' })

/** The calls now. */
export function Live({ store, route }: PageProps) {
  return store && <LiveBoard store={store} open={route.id} />
}

interface LiveBoardProps {
  readonly store: Store
  /** The id of the call that is open beside the list. */
  readonly open: string | null
}

function LiveBoard({ store, open }: LiveBoardProps) {
  const [filter, setFilter] = useState('')
  const [selected, select] = useState<string | null>(open)
  const search = useRef<HTMLInputElement>(null)
  const { board, state } = store
  const { calls, waiting, hold } = useSteady(store, selectCalls(board.calls, filter), filter)
  store.open = open
  const [said, say] = useToast()
  useLiveKeys({ calls, selected, select, open, search, clear: () => setFilter(''), say })

  return (
    <main class={open === null ? 'calls' : 'calls with-panel'}>
      <h1 class="unseen">Live calls</h1>
      <div class={`board ${store.trueUntil === null ? '' : 'stale'}`}>
        <Counters
          counts={board.loaded ? countCalls(board.calls) : null}
          providers={board.providers}
          asOf={store.trueUntil}
          filter={filter}
          onFilter={setFilter}
          search={search}
        />
        {calls.length === 0 ? (
          <Empty filter={filter} state={state} onClear={() => setFilter('')} />
        ) : (
          <CallList {...{ calls, waiting, selected, open, hold }} onSelect={select} />
        )}
      </div>
      {open !== null && (
        <CallPanel
          key={open}
          id={open}
          call={board.call(open)}
          events={board.eventsOf(open)}
          onClose={close}
        />
      )}
      <Toast said={said} />
    </main>
  )
}

interface LiveKeys {
  readonly calls: readonly BoardCall[]
  readonly selected: string | null
  readonly select: (id: string) => void
  readonly open: string | null
  readonly search: RefObject<HTMLInputElement | null>
  readonly clear: () => void
  readonly say: (text: string) => void
}

/** Everything on Live by keyboard; `Enter` is the row's own, which is a link. */
function useLiveKeys({ calls, selected, select, open, search, clear, say }: LiveKeys): void {
  const move = (step: number): void => {
    const at = calls.findIndex(({ record }) => record.id === selected)
    const next = calls[at === -1 ? 0 : Math.min(calls.length - 1, Math.max(0, at + step))]
    if (!next) return
    select(next.record.id)
    focusCall(calls, next.record.id)
    if (open !== null) go({ page: 'live', id: next.record.id })
  }
  useKeys({
    '/': (event) => {
      event.preventDefault()
      search.current?.focus()
    },
    j: () => move(1),
    k: () => move(-1),
    c: () => void (selected !== null && copyText(selected).then(() => say(`Copied ${selected}`))),
    Escape() {
      if (open !== null && document.activeElement !== search.current) return close()
      clear()
      search.current?.blur()
    },
  })
  useLayoutEffect(() => {
    // Back in the list where one was.
    if (open === null && selected !== null) focusCall(calls, selected)
  }, [open])
}
