import { useEffect, useRef } from 'preact/hooks'
import { useAnswer } from '../api/answer.ts'
import { pathOf } from '../api/request.ts'
import { useKeys } from '../keys.ts'
import { Answered } from '../operate/answered.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { Standing } from '../operate/standing.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { useRepeat } from '../parts/repeat.ts'
import { hubNow } from '../parts/time.ts'
import { go, hrefOf } from '../route.ts'
import { LadderDiagram } from './ladder.tsx'
import { tracesPath, type Ladder } from './traces.ts'
import { browserOf } from './lanes.ts'
import type { Credential } from '../api/credential.ts'

/** A call of which something passed a moment ago is followed. */
const everyMs = 3_000
const freshMs = 60_000

const missing: Readonly<Record<NonNullable<Ladder['missing']>, string>> = {
  beginning: 'It was under way before the trace began: its first messages are missing.',
  end: 'The trace ended before it did: what followed is missing.',
  limit: 'The trace was full: what followed is missing.',
  lost: 'Messages got lost on their way to the store: there are holes in it.',
}

/** All messages of one call, as a ladder. */
export function LadderPage({ credential, id }: { credential: Credential; id: string }) {
  const answer = useAnswer<Ladder>(credential, pathOf(tracesPath, { call: id }))
  const { value: ladder, reload } = answer
  const page = useRef<HTMLElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const last = Date.parse(ladder?.messages.at(-1)?.at ?? '')
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  useRepeat(hubNow() - last < freshMs ? everyMs : null, reload)
  useRowKeys({ list: page, onEscape: () => go({ page: 'sip-trace' }) })
  useKeys({ r: reload })
  return (
    <main ref={page} class="page operate sip-ladder">
      <p class="back">
        <a href={hrefOf({ page: 'sip-trace' })}>SIP trace</a> <kbd>Esc</kbd>
      </p>
      <div class="page-head">
        <h1 ref={title} tabIndex={-1}>
          {id}
        </h1>
        <p class="buttons">
          <CopyButton text={id} label="Copy Call-ID" />
          {ladder && <CopyButton text={textOf(ladder)} label="Copy all as text" />}
          <button type="button" onClick={reload}>
            Refresh <kbd>r</kbd>
          </button>
        </p>
      </div>
      <Answered answer={answer} known={ladder !== null}>
        {ladder && (
          <>
            <p class="whole" role="status">
              {ladder.missing === null ? (
                <Standing tone="well" word="complete so far" />
              ) : (
                <>
                  <Standing tone="wrong" word="incomplete" /> {missing[ladder.missing]}
                </>
              )}
            </p>
            <LadderDiagram messages={ladder.messages} />
          </>
        )}
      </Answered>
    </main>
  )
}

/** All of it as a file of text, for a mail or a ticket. */
function textOf({ messages }: Ladder): string {
  return messages
    .map((one) => {
      const { at, from, upstream, message } = one
      const ends = [browserOf(one), upstream]
      if (from === 'upstream') ends.reverse()
      return `${at} ${ends.join(' → ')}\n${message.replaceAll('\r', '')}`
    })
    .join('\n\n')
}
