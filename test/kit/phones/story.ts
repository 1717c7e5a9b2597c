import { until } from '../until.ts'
import type { Phone } from './phone.ts'
import type { Test } from 'tap'
import type { Way } from './ways.ts'

/** Two telephones of different users, not started yet. */
export type Pair<P extends Phone = Phone> = readonly [P, P]

interface StoryOptions<P extends Phone> {
  readonly way: Way
  readonly phones: Pair<P>
  /** Looks at both while they talk to each other. */
  readonly talking: (phones: Pair<P>) => Promise<void>
}

/** Everything that two browser phones of a kind do on one way, and what becomes of them when it breaks. */
export async function phoneStory<P extends Phone>(
  t: Test,
  { way, phones, talking }: StoryOptions<P>,
): Promise<void> {
  const [anna, bert] = phones
  t.teardown(() => phones.forEach((phone) => phone.stop()))
  const contactsOf = async ({ user }: Phone) => (await way.kamailio.contacts()).get(user) ?? []

  for (const phone of phones) {
    phone.start()
    await phone.diary.next('connected')
    phone.register()
    await phone.diary.next('registered')
    const contacts = await contactsOf(phone)
    t.equal(contacts.length, 1, `${phone.user} has registered`)
    t.match(contacts[0], way.contact)
  }

  await callUp(anna, bert)
  await holdAndResume(anna, bert)
  await holdAndResume(bert, anna)
  anna.sendInfo('5')
  await bert.diary.next('tone 5')
  bert.sendInfo('#')
  await anna.diary.next('tone #')
  await talking(phones)
  await hangUp(anna, bert)
  t.pass('a call, held by either side, with tones, ended by the caller')

  await callUp(bert, anna)
  await hangUp(anna, bert)
  t.pass('a call, ended by who was called')

  anna.call(bert.user)
  await bert.diary.next(`call from ${anna.user}`)
  await anna.diary.next('ringing')
  bert.reject()
  await ended(anna, bert)
  t.pass('a call is refused')

  anna.call(bert.user)
  await bert.diary.next(`call from ${anna.user}`)
  await anna.diary.next('ringing')
  anna.hangUp()
  await ended(anna, bert)
  t.pass('a call is given up while it rings')

  for (const line of [way.front, way.back]) {
    line.cut()
    for (const phone of phones) {
      await phone.diary.next('disconnected')
      await phone.diary.next('connected')
      await phone.diary.next('registered')
    }
    await callUp(bert, anna)
    await hangUp(bert, anna)
    t.pass(
      `they are back after the line of the ${line === way.front ? 'browsers' : 'registrar'} was cut`,
    )
  }

  for (const phone of phones) {
    phone.unregister()
    await phone.diary.next('unregistered')
    t.strictSame(await contactsOf(phone), [], `${phone.user} is gone`)
    phone.stop()
    await phone.diary.next('disconnected')
  }
  await until(() => way.front.count() + way.back.count() === 0)
  t.pass('no connection is left')
}

async function callUp(caller: Phone, called: Phone): Promise<void> {
  caller.call(called.user)
  await called.diary.next(`call from ${caller.user}`)
  await caller.diary.next('ringing')
  called.answer()
  await caller.diary.next('answered')
  await called.diary.next('answered')
}

async function holdAndResume(holder: Phone, held: Phone): Promise<void> {
  holder.hold()
  await held.diary.next('held by remote')
  await holder.diary.next('held by local')
  holder.resume()
  await held.diary.next('resumed by remote')
  await holder.diary.next('resumed by local')
}

async function hangUp(one: Phone, other: Phone): Promise<void> {
  one.hangUp()
  await ended(one, other)
}

async function ended(...phones: readonly Phone[]): Promise<void> {
  for (const phone of phones) await phone.diary.next('ended')
}
