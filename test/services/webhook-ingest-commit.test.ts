import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSpool } from '@switchhook/services/webhook-ingest/spool'
import { groupCommit } from '../../services/webhook-ingest/commit.ts'
import { isAway } from '../../services/webhook-ingest/spool/away.ts'
import { temporaryDir } from '../kit/build.ts'
import {
  delivery,
  eventOf,
  mebibyte,
  refusal,
  revive,
  setting,
  switchable,
} from './webhook-ingest-commit-setting.ts'
import type { Appended, NewDelivery } from '@switchhook/shared/journal'

t.test('order holds over the spool and back, with deliveries coming all the time', async (t) => {
  const { state, through } = switchable()
  const { app, commit, until, stored, published, spool } = await setting(t, { through })
  const sent: NewDelivery[] = []
  const answers: Promise<Appended>[] = []
  const send = (): void => {
    const one = delivery(app)
    sent.push(one)
    answers.push(commit(one))
  }
  const modes = new Set<string>()
  let sending = true
  const sender = (async () => {
    while (sending) {
      for (let count = 0; count < 1 + Math.random() * 8; count += 1) send()
      modes.add(commit.mode)
      await answers.at(-1)
    }
  })()
  for (let round = 0; round < 4; round += 1) {
    const before = sent.length
    await until(() => commit.mode === 'direct' && sent.length > before + 40)
    state.away = true
    await until(() => commit.mode === 'spool' && spool.records > 60)
    state.away = false
  }
  await until(() => commit.mode === 'direct')
  sending = false
  await sender
  t.ok((await Promise.all(answers)).every(({ status }) => status === 'accepted'))
  await until(() => spool.empty && commit.mode === 'direct')
  t.strictSame([...modes].sort(), ['direct', 'spool'])
  t.strictSame(await stored(), sent.map(eventOf), 'each once, in the order it came')
  t.strictSame(published, sent.map(eventOf), 'and told in that order')
})

for (const [word, late] of [
  ['never answers', false],
  ['answers late', true],
] as const) {
  t.test(`a store that ${word} is not waited for`, async (t) => {
    const release = Promise.withResolvers<void>()
    let hang = false
    const { app, commit, until, stored, published, failures } = await setting(t, {
      storeDeadlineMs: 1_000,
      through: (journal) => async (batch) => {
        if (!hang) return journal.append(batch)
        hang = false
        await release.promise
        return journal.append(batch)
      },
    })
    const sent = Array.from({ length: 5 }, () => delivery(app))
    await commit(sent[0]!)
    hang = true
    const [answer, ...others] = await Promise.all(sent.slice(1).map((one) => commit(one)))
    t.strictSame(answer, { status: 'accepted', rows: [] })
    t.equal(others.length, 3)
    t.match(failures, [{ code: 'ETIMEDOUT' }])
    await until(() => commit.mode === 'direct')
    if (late) release.resolve()
    const last = delivery(app)
    await commit(last)
    const all = [...sent, last].map(eventOf)
    t.strictSame(await stored(), all)
    t.strictSame(published.toSorted(), all.toSorted(), 'each told once')
  })
}

t.test('what commits after it was given up is published', async (t) => {
  const release = Promise.withResolvers<void>()
  let away = false
  const { app, commit, until, stored, published } = await setting(t, {
    storeDeadlineMs: 20,
    through: (journal) => async (batch) => {
      if (!away) return journal.append(batch)
      await release.promise
      away = false
      return journal.append(batch)
    },
  })
  away = true
  const sent = [delivery(app), delivery(app)]
  await Promise.all(sent.map((one) => commit(one)))
  release.resolve()
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), sent.map(eventOf))
  t.strictSame(published, sent.map(eventOf))
})

t.test('a restarted process drains what the one before left', async (t) => {
  const dir = temporaryDir(t)
  const { state, through } = switchable()
  state.away = true
  const first = await setting(t, { dir, through })
  const sent = Array.from({ length: 30 }, () => delivery(first.app))
  for (const one of sent) await first.commit(one)
  await first.commit.close()
  await t.rejects(first.commit(delivery(first.app)), { code: 'shutting_down' })
  t.equal(first.spool.records, 30)
  await first.spool.close()
  const spool = await openSpool({
    dir: join(dir, 'spool'),
    limit: 8 * mebibyte,
    onDamage: () => {},
  })
  t.teardown(() => spool.close())
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  const told: Appended[] = []
  const commit = groupCommit(first.journal, {
    onBatch: () => {},
    onFailure: (error) => t.fail(String(error)),
    standIn: {
      spool,
      revive,
      onAppended: (_, appended) => void (told.push(appended) === 30 && resolve()),
    },
  })
  t.teardown(() => commit.close())
  t.equal(commit.mode, 'spool')
  const next = delivery(first.app)
  t.match(await commit(next), { status: 'accepted', rows: [] })
  await drained
  await first.until(() => commit.mode === 'direct')
  t.strictSame(await first.stored(), [...sent, next].map(eventOf))
})

t.test('closing answers what waits, also when the store does not', async (t) => {
  const { app, commit, spool } = await setting(t, {
    storeDeadlineMs: 20,
    through: () => () => new Promise(() => {}),
  })
  const answers = Promise.all(Array.from({ length: 7 }, () => commit(delivery(app))))
  await commit.close()
  t.ok((await answers).every(({ status }) => status === 'accepted'))
  t.equal(spool.records, 7)
})

t.test('a full spool is 503, and nothing it took is lost', async (t) => {
  const { state, through } = switchable()
  const { app, commit, until, stored } = await setting(t, { through, limit: mebibyte })
  state.away = true
  const taken: NewDelivery[] = []
  for (let refused = 0; refused < 3;) {
    const one = delivery(app, 20_000)
    const error = await commit(one).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error === null) taken.push(one)
    else {
      refused += 1
      t.match(error, { code: 'spool_full', statusCode: 503, message: /SPOOL_LIMIT/ })
      t.ok((error as { retryAfter: number }).retryAfter > 0)
    }
  }
  t.ok(taken.length > 10)
  state.away = false
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), taken.map(eventOf))
})

t.test('a spool that takes nothing is no end: the store is asked again', async (t) => {
  const { state, through } = switchable()
  const { app, commit, until, stored } = await setting(t, { through, limit: mebibyte })
  const large = delivery(app, mebibyte)
  state.away = true
  await t.rejects(commit(large), { code: 'spool_full' })
  state.away = false
  t.match(await commit(large), { status: 'accepted', rows: [{ seq: 1 }] })
  state.away = true
  const small = delivery(app)
  t.match(await commit(small), { status: 'accepted', rows: [] })
  state.away = false
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), [large, small].map(eventOf))
})

t.test('too much waiting is refused, and not spooled', async (t) => {
  const { state, through } = switchable()
  const { app, commit, stored, until } = await setting(t, { through, limit: 64 * mebibyte })
  state.away = true
  const sent = Array.from({ length: 10_400 }, () => delivery(app))
  const answers = await Promise.allSettled(sent.map((one) => commit(one)))
  const taken = sent.filter((_, index) => answers[index]!.status === 'fulfilled')
  const refused = answers.filter((one) => one.status === 'rejected')
  t.ok(refused.length > 0)
  t.ok(refused.every(({ reason }) => (reason as { code: string }).code === 'overload'))
  state.away = false
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), taken.map(eventOf))
})

t.test('without a spool a failure is 503, as ever', async (t) => {
  const { app, journal } = await setting(t)
  let away = true
  const commit = groupCommit(
    {
      ...journal,
      append: async (batch) => (away ? Promise.reject(refusal) : journal.append(batch)),
    },
    { onBatch: () => {}, onFailure: () => {} },
  )
  await t.rejects(commit(delivery(app)), { code: 'store_unavailable' })
  away = false
  t.match(await commit(delivery(app)), { status: 'accepted', rows: [{ seq: 1 }] })
  t.equal(commit.mode, 'direct')
  await commit.close()
})

const fullDisk = 'a full disk: 2xx while the reserve lasts, then 503, then all of it'

t.test(fullDisk, { skip: cannotMount() }, async (t) => {
  const dir = temporaryDir(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', dir])
  t.teardown(() => execFileSync('umount', ['--lazy', dir]))
  const { app, commit, until, stored, failures, spool } = await setting(t, { dir })
  const taken = [delivery(app)]
  await commit(taken[0]!)
  const filler = join(dir, 'filler')
  const { bavail, bsize } = statfsSync(dir)
  writeFileSync(filler, Buffer.alloc(bavail * bsize))
  let [spooled, refused] = [0, 0]
  while (refused < 3) {
    const one = delivery(app, 30_000)
    const error = await commit(one).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error === null) {
      taken.push(one)
      if (commit.mode === 'spool') spooled += 1
    } else {
      t.match(error, { code: 'spool_full', statusCode: 503, message: /disk|space/ })
      refused += 1
    }
  }
  t.ok(spooled > 10)
  t.notOk(spool.accepting)
  t.ok(failures.every((error) => isAway(error)))
  t.match(failures[0], { errcode: 13 })
  rmSync(filler)
  await until(() => commit.mode === 'direct')
  const last = delivery(app)
  t.match(await commit(last), { status: 'accepted', rows: [{}] })
  t.strictSame(await stored(), [...taken, last].map(eventOf))
  t.ok(spool.accepting)
})

/** Why there can be no small disk here; false if there can be one. */
function cannotMount(): string | false {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  return spawnSync('unshare', ['--mount', 'true']).status === 0
    ? false
    : 'mounting is not allowed here'
}
