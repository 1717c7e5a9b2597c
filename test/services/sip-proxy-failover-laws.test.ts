import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import t from 'tap'
import { CodedError } from '@switchhook/shared/errors'
import { Failover } from '../../services/sip-proxy/failover/index.ts'
import { FakeClock } from '../kit/sip/fake-clock.ts'
import { routeTo } from '../kit/sip/route.ts'

const hosts = ['a', 'b', 'c'] as const
type Host = (typeof hosts)[number]

/** What happens: a client comes, time passes, or a target dies or lives again. */
type Step =
  | { readonly kind: 'client' }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'turn'; readonly host: Host }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('client' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      ms: fc.integer({ min: 1, max: 90_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('turn' as const), host: fc.constantFrom(...hosts) }),
  },
)

const unreachable = (host: string) =>
  new CodedError('upstream_unreachable', { args: [host, 'refused'] })

/** A PBX whose targets die and live, and what the laws say of every dial. */
function world(random: () => number) {
  const clock = new FakeClock()
  const dead = new Set<string>()
  /** Failed to somebody, and no trial or client has found it alive since. */
  const known = new Set<string>()
  const trying = new Set<string>()
  const lastTrial = new Map<string, number>()
  const failover = new Failover({
    dialMs: 5_000,
    clock,
    random,
    log: { info: () => {}, warn: () => {} } as never,
    async trial(_upstream, { host }) {
      assert.ok(!trying.has(host), 'one trial at a time')
      assert.ok(known.has(host), 'only what failed is tried')
      const gap = clock.now() - (lastTrial.get(host) ?? Number.NEGATIVE_INFINITY)
      assert.ok(gap >= 4_000, 'no trial soon after another')
      lastTrial.set(host, clock.now())
      trying.add(host)
      const { promise, resolve } = Promise.withResolvers<void>()
      clock.after(100, resolve)
      await promise
      trying.delete(host)
      if (dead.has(host)) throw unreachable(host)
      known.delete(host)
    },
  })

  async function client(): Promise<void> {
    const dialled: string[] = []
    // For whom nobody asked for long is as good as new.
    const remembered = new Set(failover.targets.map(({ url }) => new URL(url).hostname))
    for (const host of known) if (!remembered.has(host)) known.delete(host)
    const suspects = new Set(known)
    const connected = await failover
      .connect(
        routeTo(...hosts),
        async ({ host }) => {
          const better = hosts.filter((other) => !suspects.has(other) && !dialled.includes(other))
          if (suspects.has(host)) assert.deepEqual(better, [], 'what failed comes last')
          else assert.equal(host, better[0], 'the others in their order')
          dialled.push(host)
          if (!dead.has(host)) return host
          known.add(host)
          throw unreachable(host)
        },
        { signal: new AbortController().signal, deadlineMs: 60_000 },
      )
      .catch((error: unknown) => {
        if (error instanceof CodedError) return null
        throw error
      })
    if (connected) known.delete(connected.connection)
    else assert.equal(dead.size, hosts.length, 'whoever lives is found')
    const wasted = dialled.filter((host) => dead.has(host) && suspects.has(host))
    const others = hosts.filter((host) => !dead.has(host) && !suspects.has(host))
    if (others.length > 0) assert.deepEqual(wasted, [], 'a failed dial is paid for once')
  }

  return { clock, dead, failover, client }
}

t.test('however targets die and live, clients pay for it once and find whoever lives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
      async (steps, randoms) => {
        let drawn = 0
        const { clock, dead, failover, client } = world(() => randoms[drawn++ % randoms.length]!)
        for (const each of steps) {
          if (each.kind === 'client') await client()
          else if (each.kind === 'time') await clock.advance(each.ms)
          else if (!dead.delete(each.host)) dead.add(each.host)
        }
        await client()
        dead.clear()
        // The longest penalty, with its jitter and its trial.
        await clock.advance(60_000 * 1.2 + 100)
        assert.ok(
          failover.targets.every(({ state }) => state === 'up'),
          'what lives is found by itself',
        )
        failover.close()
        assert.equal(clock.pending, 0)
      },
    ),
    { numRuns: 150 },
  )
})
