import { useState } from 'preact/hooks'
import { CopyButton } from '../parts/copy.tsx'
import { formatClock, formatOffset } from '../parts/time.ts'
import { lanesOf, lookOf, wayOf, wordsOf, type Lane } from './lanes.ts'
import type { TracedMessage } from './traces.ts'

/** Who said what to whom, from top to bottom; each arrow opens to the message. */
export function LadderDiagram({ messages }: { messages: readonly TracedMessage[] }) {
  const lanes = lanesOf(messages)
  const begin = Date.parse(messages[0]?.at ?? '')
  return (
    <div class="ladder" style={{ '--lanes': String(lanes.length) }}>
      <ul class="lane-heads" aria-label="Between">
        {lanes.map(({ kind, name }) => (
          <li key={`${kind} ${name}`} title={name}>
            <b>{kind}</b>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      <ol aria-label="Messages">
        {messages.map((message, index) => (
          <Rung key={`${message.at} ${index}`} {...{ message, lanes, begin }} />
        ))}
      </ol>
    </div>
  )
}

interface RungProps {
  readonly message: TracedMessage
  readonly lanes: readonly Lane[]
  /** When the first message passed, Unix milliseconds. */
  readonly begin: number
}

function Rung({ message, lanes, begin }: RungProps) {
  const [open, setOpen] = useState(false)
  const { at, startLine } = message
  const { from, to } = wayOf(message, lanes)
  const left = Math.min(from, to)
  const span = { '--left': String(left), '--right': String(Math.max(from, to)) }
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary data-row title={startLine}>
          <time dateTime={at} title={formatClock(at, { millis: true })}>
            {formatOffset(Date.parse(at) - begin)}
          </time>
          <span class="lanes">
            <span class={`wire ${from < to ? 'right' : 'left'} ${lookOf(startLine)}`} style={span}>
              <b>{wordsOf(startLine)}</b>
            </span>
          </span>
          <span class="unseen">
            from {lanes[from]!.kind} {lanes[from]!.name} to {lanes[to]!.kind} {lanes[to]!.name}
          </span>
        </summary>
        {open && <Message message={message} />}
      </details>
    </li>
  )
}

function Message({ message: { at, message, startLine } }: { message: TracedMessage }) {
  const text = message.replaceAll('\r', '').trimEnd()
  return (
    <>
      <p class="quiet">{formatClock(at, { millis: true })}</p>
      <div class="code">
        <pre tabIndex={0} aria-label={startLine}>
          {text}
        </pre>
        <CopyButton text={text} />
      </div>
    </>
  )
}
