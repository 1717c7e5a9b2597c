import { useLayoutEffect, useRef } from 'preact/hooks'
import { Call } from '../call/call.tsx'
import { CallsList } from './calls-list.tsx'
import type { PageProps } from '../page.ts'

/** All calls there were, and one of them. The list waits behind the call, to be as it was on the way back. */
export function Calls({ credential, route, store }: PageProps) {
  const { id, query } = route
  const scrolled = useRef(0)
  const before = useRef(id)
  useLayoutEffect(() => {
    if (before.current === null && id !== null) scrollTo(0, 0)
    if (before.current !== null && id === null) scrollTo(0, scrolled.current)
    before.current = id
    const note = (): void => {
      if (id === null) scrolled.current = scrollY
    }
    addEventListener('scroll', note, { passive: true })
    return () => removeEventListener('scroll', note)
  }, [id])
  return (
    <>
      <CallsList {...{ credential, query, store }} behind={id !== null} />
      {id !== null && <Call key={id} {...{ credential, id, query, store }} />}
    </>
  )
}
