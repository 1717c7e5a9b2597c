import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ProblemPanel } from './problem.tsx'
import type { List } from '../api/list.ts'

interface ListFootProps {
  readonly list: List<unknown>
  /** What is said of a list without items: what will be here, and what makes it appear. */
  readonly children: ComponentChildren
  /** Shown when more was found than is kept: a way to go on from there. */
  readonly onward?: ComponentChildren
}

/** Below the items of a list: that it is loading, empty, went wrong, or that there is more. */
export function ListFoot({ list, children, onward }: ListFootProps) {
  const { items, loading, problem, loaded, more, full } = list
  if (problem) return <ProblemPanel problem={problem} retry={list.reload} />
  if (loaded && !loading && items.length === 0) return <div class="empty">{children}</div>
  return (
    <div class="foot">
      {full && <p>The first {items.length.toLocaleString()} are shown.</p>}
      {full && onward}
      {more && <More list={list} />}
      <p role="status" class="quiet">
        {loading ? 'Loading…' : ''}
      </p>
    </div>
  )
}

/** Loads the next page when it comes near the screen; the button is for those without a wheel. */
function More({ list }: { list: List<unknown> }) {
  const button = useRef<HTMLButtonElement>(null)
  const { loadMore } = list
  useEffect(() => {
    const watch = new IntersectionObserver(
      (seen) => seen.some(({ isIntersecting }) => isIntersecting) && loadMore(),
      { rootMargin: '600px' },
    )
    watch.observe(button.current!)
    return () => watch.disconnect()
  }, [list.items.length, list.loading])
  return (
    <button ref={button} type="button" onClick={loadMore}>
      Load more
    </button>
  )
}
