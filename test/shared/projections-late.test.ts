import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { eventTypes } from '@switchhook/shared/events'
import { isLate, mergeCalls, recordOf, stateOf } from '@switchhook/shared/projections'
import type { CallState } from '@switchhook/shared/projections'
import { providers } from '@switchhook/shared/providers'
import { event, merged, permutations, record } from './projections-sample.ts'

interface Fixture {
  readonly clock_unix: number
  readonly request: { readonly body_base64: string }
  readonly expect: { readonly events: readonly { late: boolean }[]; readonly phase_after: string }
}

const held = (legId: string | null) => event('call.held', 8, { legId })

test('late', async (t) => {
  const answered = merged([event('call.answered', 3)])
  const ended = mergeCalls(answered, stateOf(event('call.hangup', 6)))
  const reopened = mergeCalls(ended, stateOf(event('call.ringing', 7, { legId: 'l2' })))

  t.test('is nothing for a call not known yet', async (t) => {
    t.ok(eventTypes.every((type) => !isLate(null, event(type, 1))))
  })

  t.test('is no fact, however late it comes', async (t) => {
    const types = [
      'call.recording.saved',
      'call.cost',
      'voicemail.received',
      'provider.event',
    ] as const
    t.ok(types.every((type) => !isLate(ended, event(type, 9))))
  })

  t.test('is a phase below that of its own leg', async (t) => {
    t.equal(isLate(answered, event('call.ringing', 2)), true)
    t.equal(isLate(answered, event('call.answered', 2)), false)
    t.equal(isLate(answered, event('call.hangup', 2)), false)
    t.equal(isLate(ended, event('call.ringing', 9, { legId: 'l2' })), false, 'another leg')
    t.equal(isLate(ended, event('call.ringing', 9, { legId: null })), false, 'no leg')
    const whole = merged([event('call.answered', 3, { legId: null })])
    t.equal(isLate(whole, event('call.ringing', 2, { legId: null })), true)
  })

  t.test(
    'is an event within a leg that has ended, or within a call if its leg is unknown',
    async (t) => {
      t.equal(isLate(answered, held('l1')), false)
      t.equal(isLate(ended, held('l1')), true)
      t.equal(isLate(ended, held('l9')), true)
      t.equal(isLate(ended, held(null)), true)
      t.equal(isLate(reopened, held('l1')), true, 'the call goes on, its leg does not')
      t.equal(isLate(reopened, held('l2')), false)
      t.equal(isLate(reopened, held('l9')), false)
      t.equal(isLate(reopened, held(null)), false)
      const unnamed = event('call.hangup', 6, { legId: null })
      t.equal(isLate(mergeCalls(reopened, stateOf(unnamed)), held(null)), false, 'the call goes on')
    },
  )

  t.test(
    'is what the provider’s out-of-order deliveries say, and every order ends alike',
    async (t) => {
      const telnyx = providers.find(({ name }) => name === 'telnyx')!
      const folder = new URL('../fixtures/providers/telnyx/', import.meta.url)
      const names = readdirSync(folder).filter((name) => name.startsWith('ooo-'))
      const fixtures = names
        .sort()
        .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture)
      const deliveries = fixtures.map((fixture, index) => {
        const body = Buffer.from(fixture.request.body_base64, 'base64')
        const receivedAt = new Date(fixture.clock_unix * 1000).toISOString()
        const read = telnyx.normalise({ method: 'POST', url: '', headers: {}, body }, receivedAt)
        if (!read.ok) throw new Error(read.detail)
        return { fixture, event: { ...read.events[0]!, seq: index + 1 } }
      })
      let state: CallState | null = null
      for (const { fixture, event: arrived } of deliveries) {
        t.equal(isLate(state, arrived), fixture.expect.events[0]?.late, arrived.type)
        state = state ? mergeCalls(state, stateOf(arrived)) : stateOf(arrived)
        t.equal(recordOf(state, 'c1').phase, fixture.expect.phase_after)
      }
      t.equal(deliveries.length, 5)
      const orders = [...permutations(deliveries.map((one) => one.event))]
      const records = new Set(orders.map((order) => JSON.stringify(record(...order))))
      t.strictSame([orders.length, records.size], [120, 1])
    },
  )
})
