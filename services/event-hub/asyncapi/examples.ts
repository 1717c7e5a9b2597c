import type { EventFrame } from '@switchhook/shared/events'
import type { ClientData, ClientType } from '@switchhook/shared/messages'
import type { ControlFrames, PresenceEntry } from '@switchhook/shared/protocol'

const call = '8b9762cf-151c-4785-b37b-a98b585296b1'
const leg = '89948b97-0c0e-44bd-93ec-83800595bc7d'
const time = '2026-11-21T03:19:09.905Z'

/** An event as a hub sent it. */
export const eventExample: EventFrame = {
  event: 'call-answered',
  seq: 2,
  prev: 1,
  id: 'telnyx:fc4c4a28-a607-4020-831c-7c6644930569',
  time,
  call,
  data: {
    call: { id: call, provider: 'telnyx', provider_ids: { call_session_id: call } },
    leg_id: leg,
    direction: null,
    from: '+17025550151',
    to: '+13125550100',
    agent: null,
    state: { phase: 'answered', held: false, reason: null },
    details: {},
    raw_type: 'call.answered',
    raw_ref: '019aa46c-0a11-7ac9-9312-a62874e8e951',
  },
}

const zoe: PresenceEntry = {
  agent: '42',
  name: 'zoe@example.com',
  state: 'available',
  note: null,
  sockets: 1,
  sip: null,
  provider: null,
  reachable: true,
  missing: [],
  since: '2026-11-21T03:18:16.884Z',
  seen: 2,
}

/** Frames without a number as hubs sent them, but for their `event`. */
export const frameExamples: ControlFrames = {
  connected: {
    clientId: 'zoe@example.com-1795231096884',
    user: 'zoe@example.com',
    proto: 'switchhook.v1',
    app: 'a12092e2-7839-42e5-b738-2bac6704a97e',
    exp: 1_795_273_894,
    head: '195cb0cd:9',
    hb: 20,
    limits: { message: 16_384, rate: 20, burst: 40, subs: 100 },
    node: 'hub-2-4e5ab18e',
    resume: true,
  },
  pong: { timestamp: 1_795_231_097_012, t: 7 },
  auth: {
    exp: 1_795_277_494,
    scopes: ['calls', 'agent:*', 'voicemail', 'registrations', 'ops', 'presence'],
  },
  head: { seq: 9, time },
  subscribed: {
    channels: ['agent:42'],
    denied: [{ channel: 'calls', code: 'forbidden' }],
    head: '195cb0cd:9',
  },
  unsubscribed: { channels: ['agent:42'], head: '195cb0cd:9' },
  resumed: { from: 7, to: 9, count: 2 },
  resync: { reason: 'too_many', oldest: 1, head: '195cb0cd:20345' },
  gap: { from: 9, to: 2_114, reason: 'slow' },
  snapshot: {
    seq: 2,
    part: 1,
    last: true,
    calls: [
      {
        id: call,
        phase: 'answered',
        held: false,
        direction: 'inbound',
        from: '+17025550151',
        to: '+13125550100',
        provider: 'telnyx',
        provider_ids: { call_session_id: call },
        agent: null,
        queue: null,
        legs: [
          {
            id: leg,
            phase: 'answered',
            initiated_at: '2026-11-21T03:19:06.120Z',
            ringing_at: null,
            answered_at: time,
            ended_at: null,
          },
        ],
        reason: null,
        initiated_at: '2026-11-21T03:19:06.120Z',
        ringing_at: null,
        answered_at: time,
        ended_at: null,
        last_event: { event: 'call-answered', seq: 2, time },
      },
    ],
    agents: [],
  },
  presence: { set: { '42': zoe }, del: ['43'] },
  claimed: { call, action: 'screen-pop', granted: false, by: 'ann@example.com-1795231090017' },
  ack: {},
  history: { events: [{ ...eventExample, replay: true }], next: null },
  'call-removed': { call },
  'auth-expiring': { exp: 1_795_273_894, inMs: 59_412 },
  drain: { reason: 'deploy', deadlineMs: 15_000, slotMs: 5_000 },
  notice: { code: 'provider-silent', text: 'telnyx has told nothing for 34 minutes.' },
  error: {
    code: 'unknown_type',
    message: "There is no message type 'hello'",
  },
}

type Example<Type extends ClientType> = { type: Type; id?: string; data: ClientData<Type> }

/** What a client may say; a hub takes each of them. */
export const clientExamples: { readonly [Type in ClientType]: readonly Example<Type>[] } = {
  ping: [
    { type: 'ping', data: {} },
    { type: 'ping', data: { t: 7 } },
  ],
  auth: [{ type: 'auth', data: { token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.….…' } }],
  subscribe: [
    { type: 'subscribe', id: '1', data: { channels: ['calls', 'presence'] } },
    {
      type: 'subscribe',
      id: '2',
      data: {
        channels: ['queue:sales'],
        snapshot: 'never',
        events: ['call-*', 'voicemail-received'],
      },
    },
    { type: 'subscribe', id: '3', data: { channels: ['agent:me'], cursor: '195cb0cd:9' } },
  ],
  unsubscribe: [{ type: 'unsubscribe', id: '4', data: { channels: ['queue:sales'] } }],
  resume: [{ type: 'resume', id: '5', data: { cursor: '195cb0cd:7' } }],
  snapshot: [{ type: 'snapshot', data: {} }],
  presence: [
    { type: 'presence', id: '6', data: { state: 'busy', note: 'back at 3' } },
    { type: 'presence', id: '7', data: { get: ['42', '43'] } },
  ],
  claim: [{ type: 'claim', id: '8', data: { call, action: 'screen-pop', ttlMs: 10_000 } }],
  release: [{ type: 'release', id: '9', data: { call, action: 'screen-pop' } }],
  ack: [{ type: 'ack', data: { seq: 2 } }],
  history: [{ type: 'history', id: '10', data: { after: 0, limit: 100, call } }],
}
