import type { TracedMessage, WrittenCall } from '@switchhook/shared/sip-traces'

/** What is missing of a call; null: nothing, so far. */
export type Missing = 'beginning' | 'end' | 'lost' | 'limit' | null

/** Tells what is missing: a ladder with a hole in it must not look like a phone that did not answer. */
export function missingOf({ messages, traces, unreadable }: WrittenCall): Missing {
  const isFull = traces.some(({ state }) => state === 'full')
  const dropped = traces.some((trace) => trace.dropped > 0 && trace.state !== 'full')
  if (dropped || unreadable > 0 || messages.length === 0) return 'lost'
  if (!isBeginning(messages[0]!)) return 'beginning'
  if (isOver(messages) || traces.some(({ state }) => state === 'active')) return null
  return isFull ? 'limit' : 'end'
}

/** A request outside of any dialog: its To has no tag yet (RFC 3261 §12.2). */
function isBeginning({ message }: TracedMessage): boolean {
  return statusOf(message) === null && !/;\s*tag\s*=/i.test(headerIn(message, 'to|t'))
}

/** The last request was answered, and of a call the BYE, or the INVITE was refused. */
function isOver(messages: readonly TracedMessage[]): boolean {
  const finals = messages.flatMap(({ message }) => {
    const status = statusOf(message)
    return status !== null && status >= 200 ? [{ status, method: methodOf(message) }] : []
  })
  if (methodOf(messages[0]!.message) === 'INVITE') {
    return finals.some(
      ({ status, method }) =>
        method === 'BYE' || (method === 'INVITE' && status >= 300 && ![401, 407].includes(status)),
    )
  }
  const final = statusOf(messages.at(-1)!.message)
  return final !== null && final >= 200
}

function statusOf(message: string): number | null {
  const [, status] = /^SIP\/2\.0 +(\d{3})/i.exec(message) ?? []
  return status === undefined ? null : Number(status)
}

function methodOf(message: string): string {
  return /\d+\s+(\S+)/.exec(headerIn(message, 'cseq'))?.[1]?.toUpperCase() ?? ''
}

/** The value of a header of a message that was written down: it has no folds any more. */
function headerIn(message: string, name: string): string {
  return new RegExp(`^(?:${name})[ \\t]*:(.*)$`, 'im').exec(message)?.[1] ?? ''
}
