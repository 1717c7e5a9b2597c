import { clientMessages } from '@switchhook/shared/messages'
import { answersOf, clientNames, frameNames, said } from './messages.ts'
import type { Json } from './schema.ts'

const cursor = {
  type: 'string',
  pattern: '^[A-Za-z0-9]{1,32}:[0-9]{1,15}$',
  description: 'Continue after this event.',
}
const sub = {
  type: 'array',
  items: { type: 'string' },
  description: 'What to watch, once for each channel; `none` for nothing yet.',
}

/** What a socket may be told without asking for it in a message. */
const socketQuery = { type: 'object', properties: { cursor, sub } }

const streamQuery = {
  type: 'object',
  properties: { cursor, sub, snapshot: { enum: ['always', 'never'] } },
}

/** A stream's client cannot say anything, so nothing is an answer. */
const streamFrames = [
  'event',
  'connected',
  'head',
  'subscribed',
  'resumed',
  'resync',
  'gap',
  'snapshot',
  'presence',
  'call-removed',
  'auth-expiring',
  'drain',
  'notice',
]

/** Where clients connect. */
export function channels(): Record<string, Json> {
  const socket = (address: string, title: string, description: string): Json => ({
    address,
    title,
    description,
    servers: [{ $ref: '#/servers/socket' }],
    messages: references([...clientNames, ...frameNames]),
    bindings: { ws: { method: 'GET', query: socketQuery, bindingVersion: '0.1.0' } },
  })
  return {
    ws: socket('/ws', 'What happens next', 'Live events from now on, or after `?cursor=`.'),
    wsCall: socket(
      '/ws/call',
      'The live calls first',
      'A snapshot of the live calls, then as `/ws`.',
    ),
    events: {
      address: '/events',
      title: 'The same as server-sent events',
      description:
        'Each message is the `data` of an SSE event of the same name, with `id: <epoch>:<seq>`; `Last-Event-ID` continues after it.',
      servers: [{ $ref: '#/servers/http' }],
      messages: references(streamFrames),
    },
  }
}

/** What the hub sends and takes in each channel. */
export function operations(): Record<string, Json> {
  const sends = (channel: string, names: readonly string[], summary: string) => ({
    action: 'send',
    channel: { $ref: `#/channels/${channel}` },
    summary,
    messages: within(channel, names),
  })
  return {
    tell: sends('ws', frameNames, 'The hub tells what happens.'),
    tellFromSnapshot: sends(
      'wsCall',
      frameNames,
      'The hub tells which calls live, then what happens.',
    ),
    stream: {
      ...sends('events', streamFrames, 'The hub tells what happens, as server-sent events.'),
      bindings: { http: { method: 'GET', query: streamQuery, bindingVersion: '0.3.0' } },
    },
    ...Object.fromEntries(Object.keys(clientMessages).map((type) => [said(type), takes(type)])),
    sayAfterSnapshot: {
      action: 'receive',
      channel: { $ref: '#/channels/wsCall' },
      summary: 'A client may say the same as on /ws.',
      messages: within('wsCall', clientNames),
    },
  }
}

function takes(type: string): Json {
  const answers = answersOf(type)
  const channel = { $ref: '#/channels/ws' }
  const reply = { channel, messages: within('ws', [...answers, 'error']) }
  return {
    action: 'receive',
    channel,
    messages: within('ws', [said(type)]),
    reply,
  }
}

function references(names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]))
}

function within(channel: string, names: readonly string[]): Json[] {
  return names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }))
}
