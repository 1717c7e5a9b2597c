import { CodedError } from '@switchhook/shared/errors'
import { rawFrame } from '../feed/encode.ts'
import { readPage } from '../feed/page.ts'
import type { ClientData } from '@switchhook/shared/messages'
import type { Session } from './index.ts'
import type { RequestId } from './messages.ts'

/** A page of the past of what the client may see, as frames that stand outside the chain. */
export async function history(
  { view, feed, connection }: Session,
  { after, limit = 50, call }: ClientData<'history'>,
  id: RequestId,
): Promise<void> {
  if (!view) throw new CodedError('bad_frame', { args: ['nothing is subscribed to'] })
  const { frames, next, complete } = await readPage(feed, view, { after, limit, call })
  const data = `{"events":[${frames.join(',')}],"next":${complete ? null : next}}`
  connection.write(rawFrame('history', data, id))
}
