import { connect } from '../kit/client.ts'
import { seeded } from '../kit/random.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { Follower } from './hub-follower.ts'
import type { StartShape } from './webhook-to-browser.ts'
import type { Shape } from '../kit/topology.ts'
import type { Test } from 'tap'

const types = ['call.initiated', 'call.answered', 'call.hangup'] as const
const channels = ['calls', 'voicemail', 'agent:*', 'queue:sales', 'call:c3', 'registrations']

interface LawOptions {
  readonly seed: number
  readonly events: number
  readonly followers: number
  readonly environment?: Record<string, string>
}

/** What every socket is promised, while events come, and clients do whatever they may. */
export function hubLaw(t: Test, start: StartShape, options: LawOptions): void {
  const { seed, events, followers, environment = {} } = options
  t.test(`each frame fits, whatever clients do while events come (seed ${seed})`, async (t) => {
    const shape = await start(t, {
      MAX_SOCKETS_PER_USER: '200',
      WS_MESSAGE_BURST: '1000',
      ...environment,
    })
    const random = seeded(seed)
    const crowd = Array.from({ length: followers }, () => new Follower({ ...shape, random }))
    t.teardown(() => crowd.forEach((follower) => follower.end()))
    for (const follower of crowd) await follower.connect()
    const publishing = publishCalls(shape, events, random)
    const over = publishing.then(() => true)
    await Promise.all(crowd.map((follower) => wander(follower, over, random)))
    await publishing
    const { seq, calls } = await truth(shape)
    t.equal(seq, events)
    for (const follower of crowd) {
      if (!follower.channels.has('calls')) await follower.toggle('calls')
      await follower.reach(seq)
      t.strictSame(follower.faults, [])
      t.strictSame(Object.fromEntries(follower.calls), calls, 'the live calls are the journal’s')
    }
    t.ok(crowd.every(({ done }) => done.size > 1))
  })
}

/** Does one thing after the other until nothing comes any more. */
async function wander(
  follower: Follower,
  over: Promise<boolean>,
  random: () => number,
): Promise<void> {
  const isOver = () => Promise.race([over, follower.idle().then(() => false)])
  while (!(await isOver())) {
    const dice = random()
    if (dice < 0.1) await follower.drop()
    else if (dice < 0.35) await follower.resume()
    else if (dice < 0.5) await follower.snapshot()
    else await follower.toggle(channels[Math.floor(random() * channels.length)]!)
  }
}

async function publishCalls(
  { webhooks }: Shape,
  count: number,
  random: () => number,
): Promise<void> {
  const send = async (): Promise<void> => {
    const call = `c${Math.floor(random() * 40)}-${Math.floor(random() * 3)}`
    const type = types[Math.floor(random() * 3)]!
    await post(webhooks, telnyxEvent({ call, type }))
  }
  for (let sent = 0; sent < count; sent += 5) await Promise.all([1, 2, 3, 4, 5].map(send))
}

/** The live calls, asked for by a newcomer. */
async function truth({ url, token }: Shape): Promise<{ seq: number; calls: object }> {
  const client = await connect(url, { token, modern: true, path: '/ws/call' })
  const { data } = await client.nextNamed('snapshot')
  await client.close()
  const calls = data['calls'] as { id: string; phase: string }[]
  return {
    seq: Number(data['seq']),
    calls: Object.fromEntries(calls.map(({ id, phase }) => [id, phase])),
  }
}
