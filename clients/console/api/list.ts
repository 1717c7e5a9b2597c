import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf, type Problem } from './problem.ts'
import { pathOf, request, type Page } from './request.ts'
import type { Credential } from './credential.ts'

/** More rows than this are not kept; who looks for older ones narrows the filter. */
const maxItems = 20_000

interface State<Item> {
  readonly items: readonly Item[]
  /** The cursor of the next page; null: there is none, or it is not known yet. */
  readonly next: string | null
  readonly loading: boolean
  readonly problem: Problem | null
}

/** A list of which page after page is loaded. */
export interface List<Item> extends State<Item> {
  /** Whether it was loaded, if only as empty. */
  readonly loaded: boolean
  /** Whether more can be loaded now. */
  readonly more: boolean
  /** There is more than is kept in memory. */
  readonly full: boolean
  /** Loads the next page, unless one is being loaded. */
  loadMore(): void
  /** Begins anew, or tries again what failed; what is shown stays until the answer is there. */
  reload(): void
  /** Changes what is shown, as for a change that the hub is being told of. */
  change(how: (items: readonly Item[]) => readonly Item[]): void
}

/** Loads the list at `path`, which has its filters; a change of either begins anew. */
export function useList<Item>(credential: Credential, path: string, limit = 100): List<Item> {
  const [state, set] = useState<State<Item>>({
    items: [],
    next: null,
    loading: true,
    problem: null,
  })
  const running = useRef<AbortController>(undefined)
  const loaded = useRef('')
  const name = `${credential.text} ${path}`

  const load = async (cursor: string | null): Promise<void> => {
    running.current?.abort()
    const { signal } = (running.current = new AbortController())
    set((before) => ({ ...before, loading: true, problem: null }))
    const answer = await request<Page<Item>>(credential, pathOf(path, { limit, cursor }), {
      signal,
    }).catch(problemOf)
    if (signal.aborted) return
    const begins = cursor === null
    if (!('items' in answer)) {
      // Rows of another filter must not stand beneath the refusal of this one.
      const keep = !begins || loaded.current === name
      set(({ items, next }) => ({
        ...(keep ? { items, next } : { items: [], next: null }),
        loading: false,
        problem: answer,
      }))
      return
    }
    loaded.current = name
    set(({ items }) => ({
      items: begins ? answer.items : [...items, ...answer.items],
      next: answer.next,
      loading: false,
      problem: null,
    }))
  }
  useEffect(() => {
    void load(null)
    return () => running.current?.abort()
  }, [name])

  const full = state.items.length >= maxItems && state.next !== null
  const more = state.next !== null && !full
  return {
    ...state,
    loaded: loaded.current === name,
    more,
    full,
    loadMore: () => void (more && !state.loading && load(state.next)),
    reload: () => void load(null),
    change: (how) => set((before) => ({ ...before, items: how(before.items) })),
  }
}
