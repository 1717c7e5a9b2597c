import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isAway } from '../../services/webhook-ingest/spool/away.ts'
import { temporaryDir } from '../kit/build.ts'
import { sampleEvent } from '../kit/sample.ts'
import {
  delivery,
  deliveriesIn,
  eventOf,
  refusal,
  setting,
  switchable,
} from './webhook-ingest-commit-setting.ts'

t.test('what the store itself refuses is quarantined, and stops no other one', async (t) => {
  const dir = temporaryDir(t)
  const { app, commit, until, stored } = await setting(t, { dir })
  const event = sampleEvent()
  const sent = Array.from({ length: 9 }, () => delivery(app))
  // One number, one id: the second event breaks the store's own rule.
  const poison = delivery(app, 0, [event, event])
  await commit(sent[0]!)
  await Promise.all([...sent.slice(1, 5), poison, ...sent.slice(5)].map((one) => commit(one)))
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), sent.map(eventOf))
  const quarantined = deliveriesIn(dir).filter(({ verdict }) => verdict === 'quarantined')
  t.match(quarantined, [{ id: poison.id, reason: /^store_refused: .*constraint failed/ }])
})

t.test('several in a row are quarantined where others pass', async (t) => {
  const dir = temporaryDir(t)
  const poison = new Set<string>()
  const { app, commit, until, stored, failures } = await setting(t, {
    dir,
    through: (journal) => async (batch) => {
      if (batch.some(({ id, events }) => poison.has(id) && events.length > 0)) throw refusal
      return journal.append(batch)
    },
  })
  const sent = Array.from({ length: 9 }, () => delivery(app))
  for (const index of [0, 1, 4, 5, 6, 7]) poison.add(sent[index]!.id)
  await Promise.all(sent.map((one) => commit(one)))
  await until(() => commit.mode === 'direct')
  const good = sent.filter(({ id }) => !poison.has(id))
  t.strictSame(await stored(), good.map(eventOf))
  const quarantined = deliveriesIn(dir).filter(({ verdict }) => verdict === 'quarantined')
  t.strictSame(new Set(quarantined.map(({ id }) => id)), poison)
  t.ok(quarantined.every(({ reason }) => reason === 'store_refused: value out of range'))
  t.equal(failures.filter((one) => /was quarantined/.test(String(one))).length, 6)
})

t.test('a store that refuses everything is away: nothing is quarantined in rows', async (t) => {
  const dir = temporaryDir(t)
  let broken = true
  const { app, commit, until, stored, failures, spool } = await setting(t, {
    dir,
    through: (journal) => async (batch) => {
      if (broken && batch.some(({ events }) => events.length > 0)) throw refusal
      return journal.append(batch)
    },
  })
  const sent = Array.from({ length: 12 }, () => delivery(app))
  await Promise.all(sent.map((one) => commit(one)))
  await until(() => failures.some((one) => /refuses every delivery/.test(String(one))))
  t.ok(spool.records >= 9)
  broken = false
  await until(() => commit.mode === 'direct')
  const rows = deliveriesIn(dir)
  t.equal(rows.length, 12)
  t.ok(rows.filter(({ verdict }) => verdict === 'quarantined').length <= 3)
  t.ok((await stored()).length >= 9)
})

t.test('what even quarantine refuses is kept in a file', async (t) => {
  const dir = temporaryDir(t)
  const poison = new Set<string>()
  const { app, commit, until, stored, failures } = await setting(t, {
    dir,
    through: (journal) => async (batch) => {
      if (batch.some(({ id }) => poison.has(id))) throw refusal
      return journal.append(batch)
    },
  })
  const sent = Array.from({ length: 4 }, () => delivery(app))
  poison.add(sent[1]!.id)
  await Promise.all(sent.map((one) => commit(one)))
  await until(() => commit.mode === 'direct')
  t.equal((await stored()).length, 3)
  t.ok(readdirSync(join(dir, 'spool')).includes(`refused-${sent[1]!.id}.bin`))
  t.ok(failures.some((one) => /was refused and is in/.test(String(one))))
})

t.test('what cannot be read any more is quarantined, not lost', async (t) => {
  const dir = temporaryDir(t)
  const { state, through } = switchable()
  const { app, commit, until, stored } = await setting(t, { dir, through })
  state.away = true
  const sent = [delivery(app), { ...delivery(app), sealed: Buffer.from('no') }, delivery(app)]
  for (const one of sent) await commit(one)
  state.away = false
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), [eventOf(sent[0]!), eventOf(sent[2]!)])
  const quarantined = deliveriesIn(dir).find(({ verdict }) => verdict === 'quarantined')
  t.match(quarantined, { id: sent[1]!.id, reason: /^not_readable: / })
})

t.test('it tells a store that is away from one that refuses', (t) => {
  const sqlite = (errcode: number, message = '') => Object.assign(new Error(message), { errcode })
  const coded = (code: string) => Object.assign(new Error(code), { code })
  const away = [
    ...[5, 13, 14, 10 | (4 << 8)].map((code) => sqlite(code)),
    sqlite(1, 'no such table: events'),
    ...['08006', '25006', '40001', '53100', '57P01', '58030', '42P01', '55P03'].map(coded),
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EBUSY', 'ETIMEDOUT'].map(coded),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    new Error("the store's thread ended with code 1"),
  ]
  const refused = [
    ...[18, 19, 19 | (8 << 8), 20].map((code) => sqlite(code)),
    sqlite(1, 'malformed JSON'),
    ...['22001', '22P05', '23505', '54000', 'XX000'].map(coded),
    new TypeError('The connection is undefined'),
    new Error('app 1 has no counter'),
    'nothing',
    undefined,
  ]
  for (const error of away) t.ok(isAway(error), String(error))
  for (const error of refused) t.notOk(isAway(error), String(error))
  t.end()
})
