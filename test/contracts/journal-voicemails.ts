import type { Test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'
import { openMappings } from '@switchhook/shared/mappings'
import { openVoicemails } from '@switchhook/shared/journal'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const caller = { from: '+12025550133', to: '+12025550131' }
const at = (minute: number, second = 0) =>
  new Date(Date.UTC(2026, 8, 21, 14, minute, second)).toISOString()
const left = (url: string, options: Partial<CallEvent> = {}) =>
  event({
    type: 'voicemail.received',
    callId: null,
    legId: null,
    providerIds: {},
    time: at(10),
    details: { url },
    ...caller,
    ...options,
  })
const missed = (callId: string, time: string, options: Partial<CallEvent> = {}) =>
  event({ type: 'call.missed', callId, legId: callId, time, ...caller, ...options })

/** What every journal promises of voicemails. */
export function voicemailsContract(t: Test, openStore: OpenStore): void {
  const started = async (t: Test, place: string) => {
    const { journal, app, deliveries, store } = await opened(t, openStore, `voicemail-${place}`)
    const tell = (...events: CallEvent[]) =>
      journal.append(events.map((one) => delivery(app, [one])))
    const links = async () =>
      (await journal.voicemails(app, 10)).map(({ linked_call }) => linked_call)
    return { journal, app, tell, links, deliveries, store, voicemails: openVoicemails(store) }
  }

  t.test('what several events tell of a voicemail is one record, in any order', async (t) => {
    const { tell, journal, app } = await started(t, 'one')
    const address = 'https://dialpad.test/v/1.mp3'
    const uploaded = left(`${address}?signature=2`, {
      type: 'voicemail.uploaded',
      time: at(11),
      details: { url: `${address}?signature=2`, duration_ms: 14_000 },
    })
    const transcript = left(address, {
      type: 'transcript.saved',
      time: at(12),
      details: { url: address, text: 'please call back' },
    })
    await tell(transcript, uploaded)
    await tell(left(`${address}?signature=1`))
    const voicemails = await journal.voicemails(app, 10)
    t.match(voicemails, [{ id: /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/ }])
    const [{ id: _, ...record }] = voicemails as [(typeof voicemails)[0]]
    t.strictSame(record, {
      call: null,
      linked_call: null,
      ...caller,
      provider: 'telnyx',
      url: address,
      duration_ms: 14_000,
      transcript: 'please call back',
      received_at: at(10),
      agent: null,
      heard: false,
      marked_at: null,
      marked_by: null,
    })
    const rows = await journal.read(app, 0, 10)
    t.ok(rows.every(({ call, data }) => call === null && data.includes('"state":null')))
  })

  t.test('two of one caller within twenty seconds are two, a retry is none', async (t) => {
    const { tell, journal, app } = await started(t, 'two')
    const first = left('https://v.test/1')
    const second = left('https://v.test/2', { time: at(10, 20) })
    await tell(first, second)
    const retried = await tell(first, second)
    t.strictSame(
      retried.map(({ status }) => status),
      ['duplicate', 'duplicate'],
    )
    t.equal((await journal.voicemails(app, 10)).length, 2)
  })

  t.test(
    'it is linked to the one missed call it may belong to, told before it or after',
    async (t) => {
      const { tell, links } = await started(t, 'link')
      await tell(left('https://v.test/1'))
      t.strictSame(await links(), [null])
      await tell(missed('m', at(9)))
      t.strictSame(await links(), ['m'], 'the missed call was told later')
      await tell(left('https://v.test/2', { time: at(10, 30) }))
      t.strictSame(await links(), ['m', 'm'])
      await tell(missed('n', at(9, 30)))
      t.strictSame(await links(), [null, null], 'either of two: nobody knows')
      await tell(
        event({ type: 'call.answered', callId: 'n', legId: 'n', time: at(9, 10), ...caller }),
      )
      t.strictSame(await links(), ['m', 'm'], 'one was not missed after all')
    },
  )

  t.test('two missed calls that turn out to be one are one', async (t) => {
    const { tell, links } = await started(t, 'merged')
    await tell(missed('m', at(9)), missed('n', at(9, 1)), left('https://v.test/1'))
    t.strictSame(await links(), [null])
    await tell(event({ type: 'call.cost', callId: 'm', joins: ['n'], legId: null, time: at(12) }))
    t.strictSame(await links(), ['m'])
  })

  t.test('another caller, another target, another time or another way is no link', async (t) => {
    const { tell, links } = await started(t, 'none')
    await tell(
      missed('a', at(9), { from: '+12025550199' }),
      missed('b', at(9), { to: '+12025550199' }),
      missed('c', new Date(Date.parse(at(0)) - 1).toISOString()),
      missed('d', at(10, 1)),
      missed('e', at(9), { direction: 'outbound' }),
      left('https://v.test/1'),
    )
    t.strictSame(await links(), [null])
    await tell(missed('f', at(0)))
    t.strictSame(await links(), ['f'], 'ten minutes ago is early enough')
  })

  t.test('one with a call of its own needs no link', async (t) => {
    const { tell, journal, app } = await started(t, 'own')
    await tell(missed('m', at(9)), left('https://v.test/1', { callId: 'x', joins: ['y'] }))
    await tell(event({ callId: 'w' }), event({ callId: 'y' }))
    t.match(await journal.voicemails(app, 10), [{ call: 'x', linked_call: null }])
    await tell(missed('m', at(9, 5), { joins: ['y'] }))
    t.match(await journal.voicemails(app, 10), [{ call: 'm', linked_call: null }])
  })

  t.test('they are listed newest first, page by page, by what is asked for', async (t) => {
    const { tell, app, store, voicemails } = await started(t, 'list')
    const mappings = await openMappings(store)
    const zoe = { id: '7', email: 'Zoe@shop.test', name: 'Zoe' }
    await tell(
      left('https://v.test/1', { time: at(1) }),
      left('https://v.test/2', { time: at(2), from: '+12025550199', agent: zoe }),
      left('https://v.test/3', { time: at(2), to: 'sip:1001@PBX.test;transport=ws' }),
      left('https://v.test/4', { time: at(4), callId: 'c9' }),
      missed('m', at(0, 59)),
    )
    const list = async (filter: object) =>
      (await voicemails.list({ app, limit: 10, ...filter })).map(({ url }) => url?.at(-1)).join('')
    const all = await voicemails.list({ app, limit: 10 })
    t.match(await list({}), /^4(23|32)1$/)
    const pages: (string | undefined)[] = []
    for (let after: object | undefined = {}; after !== undefined;) {
      const filter = { app, limit: 1, ...('id' in after && { after: after as never }) }
      const [one] = await voicemails.list(filter)
      after = one && { receivedAt: one.received_at, id: one.id }
      if (one) pages.push(one.url ?? undefined)
    }
    t.strictSame(
      pages,
      all.map(({ url }) => url),
    )
    t.equal(await list({ numbers: ['+12025550199'] }), '2')
    t.equal(await list({ numbers: ['1001'] }), '3')
    t.equal(await list({ numbers: ['1001@pbx.test', '+12025550199'] }).then((all) => all.length), 2)
    t.equal(await list({ agent: 'zoe@SHOP.test' }), '2')
    t.equal(await list({ agent: '7' }), '2')
    t.equal(await list({ call: 'c9' }), '4')
    t.equal(await list({ call: 'm' }), '1')
    t.match(await list({ from: at(2), to: at(4) }), /^(23|32)$/)
    t.equal(await list({ heard: true }), '')
    await mappings.put(app, [
      { kind: 'sip_user', provider: null, value: '1001@PBX.test', sub: 'zoe', team: null },
      { kind: 'provider_user', provider: 'telnyx', value: 'zoe@shop.test', sub: 'zoe', team: null },
    ])
    t.match(await list({ user: 'zoe' }), /^(23|32)$/)
    t.match(await list({ agent: 'zoe' }), /^(23|32)$/)
    t.equal(await list({ user: 'zoe', numbers: ['1001'] }), '3')
    t.equal(await list({ user: 'bob' }), '')
    t.equal((await voicemails.list({ app: 'another', limit: 10 })).length, 0)
    t.strictSame(await voicemails.ofCall(app, 'c9'), [all[0]?.id])
    t.strictSame(await voicemails.ofCall(app, 'x'), [])
  })

  t.test('voicemails of a time before there were lists come into them', async (t) => {
    const { tell, journal, app, voicemails, store } = await started(t, 'old')
    const calls = store.procedures<typeof import('./calls-stored.ts')>(
      import.meta.resolve('./calls-stored.ts'),
    )
    const own = { callId: 'c9', to: 'sip:1001@PBX.test', time: at(11) }
    await tell(
      missed('m', at(9)),
      left('https://v.test/linked'),
      left('https://v.test/own', own),
      left('https://v.test/agent', { from: null, agent: { id: '7', email: null, name: null } }),
      ...Array.from({ length: 450 }, (_, index) => left(`https://v.test/${index}`)),
    )
    const all = await voicemails.list({ app, limit: 1_000 })
    const records = await journal.voicemails(app, 1_000)
    await calls.unlist()
    t.strictSame(await voicemails.list({ app, limit: 10 }), [])
    await tell(left('https://v.test/own', own))
    t.equal((await voicemails.list({ app, limit: 10 })).length, 1, 'what is told again is listed')
    while (await voicemails.listOld());
    t.strictSame(await voicemails.list({ app, limit: 1_000 }), all)
    t.strictSame(await journal.voicemails(app, 1_000), records, 'nothing else changes')
    t.match(await voicemails.list({ app, numbers: ['1001'], limit: 10 }), [{ call: 'c9' }])
    t.match(await voicemails.list({ app, agent: '7', limit: 10 }), [{ from: null }])
    t.match(await voicemails.list({ app, call: 'm', limit: 1 }), [{ linked_call: 'm' }])
    t.notOk(await voicemails.listOld(), 'once')
  })

  t.test('that it was heard stays, whatever is told of it later', async (t) => {
    const { tell, journal, app, voicemails, deliveries } = await started(t, 'heard')
    const url = 'https://v.test/1'
    await tell(left(url))
    const id = (await voicemails.list({ app, limit: 1 }))[0]!.id
    const heard = (heard: boolean, time: string, voicemail = id) =>
      event({
        type: 'voicemail.heard',
        callId: null,
        legId: null,
        time,
        from: caller.from,
        details: { voicemail, heard, by: 'zoe' },
      })
    await tell(heard(true, at(30)))
    t.match(await voicemails.get(app, id), { heard: true, marked_at: at(30), marked_by: 'zoe' })
    await tell(
      left(url, { type: 'transcript.saved', time: at(40), details: { url, text: 'hi' } }),
      left(url, { type: 'voicemail.uploaded', time: at(41) }),
    )
    const after = { heard: true, transcript: 'hi', received_at: at(10), ...caller }
    t.match(await voicemails.list({ app, heard: true, limit: 5 }), [after])
    t.strictSame(await voicemails.list({ app, heard: false, limit: 5 }), [])
    const nobody = '00000000-0000-8000-8000-000000000000'
    await tell(heard(true, at(42), nobody))
    t.equal(await voicemails.get(app, nobody), undefined, 'nobody left it')
    const rows = await journal.read(app, 0, 10)
    t.ok(
      rows
        .slice(0, -1)
        .every(({ data }) => (JSON.parse(data) as { voicemail: string }).voicemail === id),
    )
    await deliveries.purge(app, { number: caller.from })
    t.match(await voicemails.get(app, id), {
      from: null,
      url: null,
      transcript: null,
      heard: true,
      marked_by: 'zoe',
    })
    t.strictSame(await voicemails.list({ app, numbers: [caller.from], limit: 5 }), [])
    await tell(heard(false, at(50)))
    t.match(await voicemails.get(app, id), { heard: false, marked_at: at(50) })
  })
}
