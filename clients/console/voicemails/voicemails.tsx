import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { useList, type List } from '../api/list.ts'
import { pathOf } from '../api/request.ts'
import { useKeys } from '../keys.ts'
import { ListFoot } from '../parts/list-foot.tsx'
import { newsText, useNews } from '../parts/news.ts'
import { isoOf } from '../parts/time.ts'
import { Toast, useToast } from '../parts/toast.tsx'
import { Empty } from './empty.tsx'
import { Filters } from './filters.tsx'
import { Item, itemId } from './item.tsx'
import { marking } from './mark.ts'
import type { PageProps } from '../page.ts'
import type { Voicemail } from './voicemail.ts'

/** What callers left; what nobody heard first. */
export function Voicemails({ credential, route: { query }, store }: PageProps) {
  const list = useList<Voicemail>(credential, pathTo(query), 50)
  const search = useRef<HTMLInputElement>(null)
  const [said, say] = useToast()
  const [news, noNews] = useNews(store, ['voicemail-received'])
  const mark = marking({ credential, list, say })
  const refresh = (): void => {
    noNews()
    list.reload()
  }
  useVoicemailKeys({ list, search, refresh, mark })
  return (
    <main class="page">
      <div class="page-head">
        <h1>Voicemails</h1>
        {news > 0 && (
          <button type="button" class="news" onClick={refresh}>
            {newsText(news, 'voicemail')}: show
          </button>
        )}
        <div class="buttons">
          <button type="button" onClick={refresh}>
            Refresh <kbd>r</kbd>
          </button>
        </div>
      </div>
      <Filters query={query} search={search} />
      <ul class="voicemails" aria-label="Voicemails" aria-busy={list.loading}>
        {list.items.map((voicemail) => (
          <Item key={voicemail.id} voicemail={voicemail} onMark={mark} />
        ))}
      </ul>
      <ListFoot list={list}>
        <Empty query={query} />
      </ListFoot>
      <Toast said={said} />
    </main>
  )
}

/** The list an address asks for: those that nobody heard, unless it says otherwise. */
function pathTo(query: URLSearchParams): string {
  const heard = query.get('heard')
  return pathOf('api/voicemails', {
    heard: heard === 'all' ? '' : heard === 'true' ? 'true' : 'false',
    number: query.get('number'),
    agent: query.get('agent'),
    call: query.get('call'),
    from: isoOf(query.get('from')),
    to: isoOf(query.get('to')),
  })
}

interface VoicemailKeys {
  readonly list: List<Voicemail>
  readonly search: RefObject<HTMLInputElement | null>
  readonly refresh: () => void
  readonly mark: (voicemail: Voicemail) => void
}

function useVoicemailKeys({ list, search, refresh, mark }: VoicemailKeys): void {
  const { items } = list
  // The one that has the focus; keys may come faster than anything is rendered.
  const place = (): number => {
    const focused = document.activeElement?.closest('.voicemail')?.id
    return items.findIndex(({ id }) => itemId(id) === focused)
  }
  const move = (step: number): void => {
    const at = place()
    const next = items[at === -1 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))]
    if (next) document.getElementById(itemId(next.id))?.focus()
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    h() {
      const voicemail = items[place()]
      if (voicemail) mark(voicemail)
    },
    r: refresh,
    '/': (event) => {
      event.preventDefault()
      search.current?.focus()
    },
    Escape: () => search.current?.blur(),
  })
}
