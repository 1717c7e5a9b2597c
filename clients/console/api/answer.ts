import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf, Problem } from './problem.ts'
import { request } from './request.ts'
import type { Credential } from './credential.ts'

/** One thing that is loaded. */
export interface Answer<Value> {
  /** Null until it is there. */
  readonly value: Value | null
  readonly loading: boolean
  readonly problem: Problem | null
  /** Asks again; what is shown stays until the answer is there. */
  reload(): void
  /** Changes what is shown. */
  change(how: (value: Value) => Value): void
}

/** Loads what is at `path`; another path begins anew. */
export function useAnswer<Value>(credential: Credential, path: string): Answer<Value> {
  const [state, set] = useState<Pick<Answer<Value>, 'value' | 'loading' | 'problem'>>({
    value: null,
    loading: true,
    problem: null,
  })
  const running = useRef<AbortController>(undefined)

  const load = async (anew: boolean): Promise<void> => {
    running.current?.abort()
    const { signal } = (running.current = new AbortController())
    set(({ value }) => ({ value: anew ? null : value, loading: true, problem: null }))
    const answer = await request<Value>(credential, path, { signal }).catch(problemOf)
    if (signal.aborted) return
    if (answer instanceof Problem) {
      set(({ value }) => ({ value, loading: false, problem: answer }))
    } else set({ value: answer, loading: false, problem: null })
  }
  useEffect(() => {
    void load(true)
    return () => running.current?.abort()
  }, [credential.text, path])

  return {
    ...state,
    reload: () => void load(false),
    change: (how) =>
      set((before) => (before.value === null ? before : { ...before, value: how(before.value) })),
  }
}
