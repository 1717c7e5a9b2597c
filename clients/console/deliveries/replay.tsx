import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from '../operate/dialog.tsx'
import { textIn } from '../operate/text-in.ts'
import { ReplayCounts } from './replay-counts.tsx'
import { replayRange, type Counts, type Range } from './replay-range.ts'
import type { Credential } from '../api/credential.ts'
import type { App } from '../operate/apps.tsx'

interface ReplayProps {
  readonly credential: Credential
  readonly app: App
  readonly onClose: () => void
  readonly onDone: () => void
}

const dayMs = 86_400_000

/** Runs the deliveries of a time or a call again, and counts what becomes of them; closing it ends that. */
export function Replay({ credential, app, onClose, onDone }: ReplayProps) {
  const [counts, count] = useState<Counts | null>(null)
  const running = useRef(new AbortController())
  useEffect(() => () => running.current.abort(), [])
  const run = async (fields: FormData): Promise<'stay'> => {
    count(null)
    const { signal } = running.current
    await replayRange(credential, rangeIn(fields, app), { onCounts: count, signal })
    onDone()
    return 'stay'
  }
  return (
    <Dialog title="Run deliveries again" submit="Run again" onSubmit={run} onClose={onClose}>
      <p>
        Every kept delivery of the time is read anew. Only what could not be read before and can be
        now becomes events, at the end of the log; everything else stays as it is. It can be
        repeated without harm.
      </p>
      <Fields />
      <div role="status">{counts && <ReplayCounts counts={counts} />}</div>
    </Dialog>
  )
}

function Fields() {
  const now = Date.now()
  return (
    <>
      <div class="pair">
        <label class="field">
          <span>From</span>
          <input
            type="datetime-local"
            name="from"
            step="1"
            required
            defaultValue={localText(now - dayMs)}
          />
        </label>
        <label class="field">
          <span>To</span>
          <input
            type="datetime-local"
            name="to"
            step="1"
            required
            defaultValue={localText(now + 60_000)}
          />
        </label>
      </div>
      <label class="field">
        <span>Only of this call</span>
        <input name="call" autocomplete="off" spellcheck={false} />
        <small>A call's id. Empty: all deliveries.</small>
      </label>
    </>
  )
}

function rangeIn(fields: FormData, app: App): Range {
  const call = textIn(fields, 'call')
  return {
    app: app.id,
    from: new Date(textIn(fields, 'from')).toISOString(),
    to: new Date(textIn(fields, 'to')).toISOString(),
    ...(call !== '' && { call }),
  }
}

/** As `datetime-local` wants it: without a zone, where the reader is. */
function localText(ms: number): string {
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 19)
}
