import { useAnswer } from '../api/answer.ts'
import { pathOf, type Page } from '../api/request.ts'
import { MediaLink } from '../parts/link.tsx'
import { formatDuration } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import { recordingsIn } from './recordings.ts'
import type { Credential } from '../api/credential.ts'
import type { Voicemail } from '../voicemails/voicemail.ts'
import type { WholeCall } from './follow.ts'

/** What can be heard of a call. */
export function Media({ credential, call }: { credential: Credential; call: WholeCall }) {
  const recordings = recordingsIn(call.timeline)
  const path = pathOf('api/voicemails', { call: call.id, limit: 20 })
  const { value } = useAnswer<Page<Voicemail>>(credential, path)
  const voicemails = value?.items ?? []
  if (recordings.length + voicemails.length === 0) return null
  return (
    <section aria-labelledby="media-title">
      <h2 id="media-title">Recordings</h2>
      <ul class="media">
        {recordings.map(({ url, expiresAt, durationMs }, index) => (
          <li key={url}>
            <MediaLink title={`Recording ${index + 1}`} {...{ url, expiresAt }} />{' '}
            {durationMs !== null && formatDuration(durationMs)}
          </li>
        ))}
        {voicemails.map(({ id, recording, duration_ms, heard }) => (
          <li key={id}>
            {recording ? (
              <MediaLink title="Voicemail" url={recording.url} expiresAt={recording.expires_at} />
            ) : (
              'Voicemail'
            )}{' '}
            {duration_ms !== null && formatDuration(duration_ms)}{' '}
            <a href={hrefOf({ page: 'voicemails', query: { call: call.id, heard: 'all' } })}>
              {heard ? 'heard' : 'not heard yet'}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
