import { CodedError } from '@switchhook/shared/errors'
import { rawFrame } from '../feed/encode.ts'
import { readPage } from '../feed/page.ts'
import type { ClientData } from '@switchhook/shared/messages'
import type { Asker, RequestId } from './contract.ts'

/** A page of the past of what the client may see, as frames that stand outside the chain. */
export async function history(
  asker: Asker,
  { after, limit = 50, call }: ClientData<'history'>,
  id: RequestId,
): Promise<void> {
  const { view, feed } = asker
  if (!view) throw new CodedError('bad_frame', { args: ['nothing is subscribed to'] })
  const { frames, next, complete, oldest } = await readPage(feed, view, { after, limit, call })
  // What is gone, or nobody knows any more whose it was, is passed over.
  const onwards = oldest === null ? next : Math.max(next, oldest - 1)
  const isEnd = complete || onwards >= feed.position
  const data = `{"events":[${frames.join(',')}],"next":${isEnd ? null : onwards}}`
  asker.write(rawFrame('history', data, id))
}
