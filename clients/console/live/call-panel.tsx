import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Badge } from '../parts/badge.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { formatClock } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import { Duration, nameOf, Parties } from './cells.tsx'
import { CallEvents } from './call-events.tsx'
import { lookOf } from './look.ts'
import type { BoardCall } from './board.ts'
import type { EventFrame } from '@switchhook/shared/events'

interface CallPanelProps {
  readonly id: string
  /** Undefined when the board does not have it any more. */
  readonly call: BoardCall | undefined
  readonly events: readonly EventFrame[]
  readonly onClose: () => void
}

/** One call beside the list, and what happened to it. */
export function CallPanel({ id, call, events, onClose }: CallPanelProps) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <div class="panel-head">
        {call && <Badge look={lookOf(call.record)} />}
        <CopyButton text={id} label="Copy id" />
        <a href={hrefOf({ page: 'calls', id })}>Whole call</a>
        <button type="button" class="plain" onClick={onClose}>
          Close <kbd>Esc</kbd>
        </button>
      </div>
      <h2 id="panel-title" ref={title} tabIndex={-1} class="who">
        {call ? <Parties {...call} /> : 'This call is not on the board any more'}
      </h2>
      {call && <Facts call={call} />}
      <dl class="facts">
        <Fact name="Call id">
          <code>{id}</code>
        </Fact>
      </dl>
      <CallEvents events={events} />
    </aside>
  )
}

function Facts({ call: { record, callerName } }: { call: BoardCall }) {
  const { direction, agent, provider, reason, initiated_at, ringing_at, answered_at, ended_at } =
    record
  const times = [
    ['Initiated', initiated_at],
    ['Ringing', ringing_at],
    ['Answered', answered_at],
    ['Ended', ended_at],
  ] as const
  return (
    <dl class="facts">
      <Fact name="For">
        <Duration record={record} />
      </Fact>
      {times.map(
        ([name, time]) =>
          time !== null && (
            <Fact key={name} name={name}>
              {formatClock(time, { millis: true })}
            </Fact>
          ),
      )}
      {callerName !== null && <Fact name="Caller">{callerName}</Fact>}
      {agent && <Fact name="Agent">{nameOf(agent)}</Fact>}
      <Fact name="Direction">{direction ?? 'not known'}</Fact>
      <Fact name="Provider">{provider}</Fact>
      {reason !== null && <Fact name="Reason">{reason}</Fact>}
    </dl>
  )
}

/** One thing that is known. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
