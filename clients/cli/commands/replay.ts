import { urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { checkSecret, forward, type Consumer } from '../replay/forward.ts'
import { spanOf } from '../replay/moments.ts'
import { internalSecret } from '../replay/secret.ts'
import { eventsOf, readAnew, type Counts, type Past, type Service } from '../replay/service.ts'
import { localUrl } from '../flags/local-url.ts'
import type { Environment } from '@switchhook/shared/config'
import type { EventFrame } from '@switchhook/shared/events'
import type { Output } from '../output.ts'

const secretName = 'REPLAY_FORWARD_SECRET'
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Hands out events of the past again, or has quarantined deliveries read anew. */
export const replay = command({
  summary: 'Prints events of the past again, or forwards them to one consumer.',
  flags: {
    from: { type: 'string', value: '<time>', description: 'RFC 3339, or how long ago: 2h, 3d.' },
    to: { type: 'string', value: '<time>', description: 'The same.', default: 'now' },
    call: { type: 'string', value: '<id>', description: 'Of this call only.' },
    app: { type: 'string', value: '<uuid>', description: 'The app; the first one if not given.' },
    after: { type: 'string', value: '<seq>', description: 'Only events with a higher number.' },
    url: {
      type: 'string',
      value: '<url>',
      description: 'webhook-ingest; that of HOST and ADMIN_PORT or PORT if not given.',
    },
    forward: { type: 'string', value: '<url>', description: 'Post each to this consumer, signed.' },
    secret: {
      type: 'string',
      value: '<whsec_…>',
      description: `Signs what is forwarded; better given as ${secretName}.`,
    },
    quarantined: {
      type: 'boolean',
      description: 'Have the deliveries that were not understood read anew instead.',
    },
  },
  async run({ flags, environment, out }) {
    const { after, quarantined } = flags
    const past = pastOf(flags)
    if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) {
      throw new UsageError(`--after must be the number of an event, is '${after}'`)
    }
    const interrupted = new AbortController()
    const { signal } = interrupted
    const consumer = consumerOf(flags, environment, signal)
    if (quarantined && (consumer ?? after) !== undefined) {
      throw new UsageError('--quarantined prints counts: it takes no --forward and no --after')
    }
    const service = serviceOf(flags.url, environment, signal)
    const stopListening = onInterruption(() => interrupted.abort())
    try {
      if (quarantined) await countAnew(service, past, out)
      else await handOut(service, { past, after, consumer, out })
    } catch (error) {
      throw isAbort(error) ? new Failure('interrupted') : error
    } finally {
      stopListening()
    }
    return exitCodes.ok
  },
})

interface Wanted {
  readonly from: string | undefined
  readonly to: string
  readonly call: string | undefined
  readonly app: string | undefined
}

function pastOf({ call, app, ...span }: Wanted): Past {
  if (app !== undefined && !uuid.test(app)) throw new UsageError(`--app '${app}' is not a UUID`)
  return {
    ...spanOf(span, Date.now()),
    ...(call !== undefined && { call }),
    ...(app !== undefined && { app }),
  }
}

function serviceOf(
  url: string | undefined,
  environment: Environment,
  signal: AbortSignal,
): Service {
  const { PORT, ADMIN_PORT } = environment
  const local = (): string => localUrl({ ...environment, PORT: ADMIN_PORT || PORT }, '/')
  const base = urlFlag('url', url ?? local(), ['http:', 'https:'])
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/internal/replay`
  return { url: base, secret: internalSecret(environment), signal }
}

function consumerOf(
  { forward: url, secret }: { forward: string | undefined; secret: string | undefined },
  environment: Environment,
  signal: AbortSignal,
): Consumer | undefined {
  if (url === undefined) {
    if (secret !== undefined) throw new UsageError('--secret needs --forward')
    return undefined
  }
  const names = `--secret or ${secretName}`
  return {
    url: urlFlag('forward', url, ['http:', 'https:']),
    secret: checkSecret(secret ?? environment[secretName], names),
    signal,
  }
}

interface HandingOut {
  readonly past: Past
  readonly after: string | undefined
  readonly consumer: Consumer | undefined
  readonly out: Output
}

async function handOut(
  service: Service,
  { past, after, consumer, out }: HandingOut,
): Promise<void> {
  let count = 0
  let last = after
  try {
    for await (const frames of eventsOf(service, past, after)) {
      for (const frame of frames) {
        service.signal.throwIfAborted()
        if (consumer) await forward(frame, consumer)
        tell(frame, consumer, out)
        count += 1
        last = String(frame.seq)
      }
    }
  } catch (error) {
    throw goingOn(error, { past, last, count })
  }
  if (!out.json) out.complain(inWords(count))
}

/** A frame a line, for programs; a consumer has them already. */
function tell(frame: EventFrame, consumer: Consumer | undefined, out: Output): void {
  if (!consumer) return out.result(JSON.stringify(frame), frame)
  const { id, seq } = frame
  out.result(`forwarded  seq ${seq}  ${id}`, { id, seq, forwarded: true })
}

/** Says where to go on: numbers tell it, because times may come late. */
function goingOn(
  error: unknown,
  { past, last, count }: { past: Past; last: string | undefined; count: number },
): unknown {
  if (!isAbort(error) && !(error instanceof Failure)) return error
  const flags = [
    `--from ${past.from} --to ${past.to}`,
    ...(past.call === undefined ? [] : [`--call ${past.call}`]),
    ...(past.app === undefined ? [] : [`--app ${past.app}`]),
    ...(last === undefined ? [] : [`--after ${last}`]),
  ]
  const { message, fix } = isAbort(error) ? new Failure('interrupted') : (error as Failure)
  const way = `After ${inWords(count)}; to go on from here: ${flags.join(' ')}`
  return new Failure(message, [fix, way].filter(Boolean).join('\n'))
}

async function countAnew(service: Service, past: Past, out: Output): Promise<void> {
  const total = { deliveries: 0, accepted: 0, duplicate: 0, quarantined: 0, purged: 0 }
  for await (const page of readAnew(service, past)) {
    for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += page[name]
  }
  const { deliveries, accepted, duplicate, quarantined, purged } = total
  out.result(
    `${deliveries} deliveries read anew: ${accepted} now understood, ${quarantined} still not, ${duplicate} known before, ${purged} forgotten`,
    { ok: true, ...total },
  )
}

function inWords(count: number): string {
  return `${count} ${count === 1 ? 'event' : 'events'}`
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
