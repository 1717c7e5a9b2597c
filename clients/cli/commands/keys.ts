import { command } from '../command.ts'
import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { appOf } from '../keys/app.ts'
import { operatorsApi, type Address, type Ask } from '../keys/service.ts'
import { secondsOf, timeOf } from '../keys/times.ts'
import type { Environment } from '@switchhook/shared/config'
import type { Flags } from '../command.ts'
import type { Output } from '../output.ts'

interface Key {
  readonly id: string
  readonly prefix: string
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly graceUntil: string | null
}

interface Made {
  readonly id: string
  readonly key: string
  readonly expiresAt: string | null
  readonly graceUntil: string | null
}

const whose = {
  app: { type: 'string', value: '<uuid>', description: 'The app; the only one if not given.' },
  url: {
    type: 'string',
    value: '<url>',
    description: 'event-hub; that of HOST and ADMIN_PORT or PORT if not given.',
  },
  secret: {
    type: 'string',
    value: '<secret>',
    description: 'Opens its /internal; better given as INTERNAL_API_SECRET.',
  },
} as const satisfies Flags

const expires = {
  type: 'string',
  value: '<time>',
  description: 'When the key ends: 90d ahead, or RFC 3339; never if not given.',
} as const

/** Makes the first key of an app, and prints it. */
export const keysCreate = command({
  summary: 'Makes an API key for an app that has none, and prints it.',
  flags: { ...whose, expires },
  async run({ flags, environment, out }) {
    const wanted = wantedOf({ grace: '0', expires: flags.expires })
    const { ask, path } = await keysOf(flags, environment)
    const { keys } = await ask<{ keys: readonly Key[] }>(`${path}/status`)
    const live = keys.find((key) => isAccepted(key, Date.now()))
    if (live) {
      throw new Failure(
        `the app has an API key already: ${live.prefix}…`,
        'keys rotate makes one in its place.',
      )
    }
    tell(await ask<Made>(path, { method: 'POST', body: wanted }), out)
    return exitCodes.ok
  },
})

/** Makes a key in place of those an app has, and prints it. */
export const keysRotate = command({
  summary: 'Makes an API key in place of those an app has, and prints it.',
  flags: {
    ...whose,
    grace: {
      type: 'string',
      value: '<time>',
      description: 'For so long the others are accepted yet, e.g. 30m, 24h; 7d at most.',
      default: '0',
    },
    expires,
  },
  async run({ flags, environment, out }) {
    const wanted = wantedOf(flags)
    const { ask, path } = await keysOf(flags, environment)
    tell(await ask<Made>(path, { method: 'POST', body: wanted }), out)
    return exitCodes.ok
  },
})

/** Ends a key now. */
export const keysRevoke = command({
  summary: 'Ends an API key now, and closes its sockets.',
  words: '<id>',
  flags: whose,
  async run({ flags, words: [id, ...others], environment, out }) {
    if (id === undefined || others.length > 0) {
      throw new UsageError('it takes the id of one key, as keys list shows it')
    }
    const { ask, path } = await keysOf(flags, environment)
    await ask(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' })
    out.result(`${id} is revoked`, { ok: true, id })
    return exitCodes.ok
  },
})

/** Lists the keys of an app. */
export const keysList = command({
  summary: 'Lists the API keys an app has and had.',
  flags: whose,
  async run({ flags, environment, out }) {
    const { ask, path } = await keysOf(flags, environment)
    const { keys } = await ask<{ keys: readonly Key[] }>(`${path}/status`)
    for (const key of keys) out.result(lineOf(key, Date.now()), key)
    if (keys.length === 0) out.complain('The app has no API key: keys create makes one.')
    return exitCodes.ok
  },
})

async function keysOf(
  flags: Address & { readonly app: string | undefined },
  environment: Environment,
): Promise<{ ask: Ask; path: string }> {
  const ask = operatorsApi(flags, environment)
  return { ask, path: `/apps/${await appOf(ask, flags.app)}/api-key` }
}

function wantedOf({ grace, expires: end }: { grace: string; expires: string | undefined }) {
  return {
    graceSeconds: secondsOf('grace', grace),
    ...(end !== undefined && { expiresAt: timeOf('expires', end, Date.now()) }),
  }
}

/** The key alone on stdout, so that it can be piped; what to know on stderr. */
function tell(made: Made, out: Output): void {
  out.result(made.key, made)
  if (out.json) return
  const { id, expiresAt, graceUntil } = made
  out.complain(`It is shown this once; its id is ${id}. Programs send it as X-App-Api-Key.`)
  if (expiresAt !== null) out.complain(`It ends at ${expiresAt}.`)
  if (graceUntil !== null) out.complain(`Those before it are accepted until ${graceUntil}.`)
}

function lineOf(key: Key, nowMs: number): string {
  const { id, prefix, createdAt, lastUsedAt } = key
  const used = lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`
  return `${id}  ${prefix}…  made ${createdAt}  ${used}  ${stateOf(key, nowMs)}`
}

function stateOf(key: Key, nowMs: number): string {
  const { revokedAt } = key
  if (revokedAt !== null) return `revoked ${revokedAt}`
  const [end] = endsOf(key)
  if (end === undefined) return 'accepted'
  return Date.parse(end) > nowMs ? `accepted until ${end}` : `ended ${end}`
}

function isAccepted(key: Key, nowMs: number): boolean {
  return key.revokedAt === null && endsOf(key).every((end) => Date.parse(end) > nowMs)
}

/** The first one counts. */
function endsOf({ expiresAt, graceUntil }: Key): string[] {
  return [expiresAt, graceUntil].filter((end) => end !== null).toSorted()
}
