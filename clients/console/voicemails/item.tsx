import { readClaims, useSession } from '../session/session.ts'
import { nameOf } from '../live/cells.tsx'
import { formatAddress } from '../parts/address.ts'
import { MediaLink } from '../parts/link.tsx'
import { formatDuration, formatMoment } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import type { Voicemail } from './voicemail.ts'

interface ItemProps {
  readonly voicemail: Voicemail
  readonly onMark: (voicemail: Voicemail) => void
}

/** The id of a voicemail's place in the document. */
export const itemId = (id: string): string => `voicemail-${id}`

/** One voicemail: from whom, what was said, and where it can be heard. */
export function Item({ voicemail, onMark }: ItemProps) {
  const { id, from, to, provider, agent, received_at, duration_ms, transcript, heard } = voicemail
  return (
    <li
      id={itemId(id)}
      tabIndex={-1}
      class={heard ? 'voicemail heard' : 'voicemail'}
      aria-label={`Voicemail from ${formatAddress(from)}, ${heard ? 'heard' : 'not heard'}`}
    >
      <p class="voicemail-head">
        <span class={heard ? 'standing' : 'standing fresh'}>{heard ? 'heard' : 'new'}</span>
        <b>{formatAddress(from)}</b>
        <span class="quiet">to {formatAddress(to)}</span>
        {agent && <span class="quiet">{nameOf(agent)}</span>}
        <span class="quiet">{provider}</span>
        <time dateTime={received_at}>{formatMoment(received_at)}</time>
      </p>
      <p class="said">
        {transcript ?? <span class="quiet">Nobody has written down what was said.</span>}
      </p>
      <p class="voicemail-foot">
        <button type="button" onClick={() => onMark(voicemail)}>
          {heard ? 'Mark as new' : 'Mark as heard'}
        </button>
        <Played voicemail={voicemail} />
        {duration_ms !== null && <span>{formatDuration(duration_ms)}</span>}
        <OfCall voicemail={voicemail} />
        <HeardBy voicemail={voicemail} />
      </p>
    </li>
  )
}

function Played({ voicemail: { recording } }: { voicemail: Voicemail }) {
  if (!recording) return <span class="quiet">no recording</span>
  return <MediaLink title="Play" url={recording.url} expiresAt={recording.expires_at} />
}

function OfCall({ voicemail: { call, linked } }: { voicemail: Voicemail }) {
  if (call === null) return null
  return (
    <a
      href={hrefOf({ page: 'calls', id: call })}
      title={linked ? 'The only missed call of these numbers at that time' : undefined}
    >
      {linked ? 'Probably its call' : 'Its call'}
    </a>
  )
}

function HeardBy({ voicemail: { heard, heard_at, heard_by } }: { voicemail: Voicemail }) {
  const { token } = useSession()
  if (!heard || heard_at === null) return null
  const isMine = heard_by !== null && heard_by === readClaims(token?.text ?? '')?.sub
  return (
    <span class="quiet">
      heard {formatMoment(heard_at)}
      {heard_by !== null && ` by ${isMine ? 'you' : heard_by}`}
    </span>
  )
}
