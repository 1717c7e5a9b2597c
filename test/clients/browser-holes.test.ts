import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'
import { Follower } from '../../clients/browser/feed/follower.ts'
import { connected, event, head, resumed, snapshot } from './frames.ts'

const total = 30
/** What may happen next. */
const happening = constantFrom('sent', 'sent', 'lost', 'again', 'head', 'answered', 'new socket')

/** A hub that loses and repeats frames, and answers when it likes; what it says of its head is true. */
function carelessHub(told: number[]) {
  let [sent, silent] = [0, false]
  let asked: string | null = null
  const follower = new Follower(undefined, {
    onEvent: ({ seq }) => told.push(seq),
    onSnapshot: () => {},
    send: ({ data }) => (asked = String(data?.['cursor'])),
  })
  const replay = (cursor: string): void => {
    const from = Number(cursor.split(':')[1])
    for (let seq = from + 1; seq <= sent; seq += 1) follower.take(event(seq, seq - 1, true))
    follower.take(resumed(from, sent))
    asked = null
    silent = false
  }
  follower.take(connected('k7:0'))
  follower.take(snapshot(0))
  return {
    follower,
    sent() {
      if (sent === total) return
      sent += 1
      silent = false
      follower.take(event(sent))
    },
    lost() {
      if (sent === total) return
      sent += 1
      silent = true
    },
    again: () => sent > 0 && !silent && follower.take(event(sent)),
    // On one socket nothing overtakes: after a loss the next event comes before the next head.
    head: () => !silent && follower.take(head(sent)),
    answered: () => asked !== null && replay(asked),
    'new socket'() {
      follower.take(connected(`k7:${sent}`))
      replay(follower.position.cursor!)
    },
    /** Complete is said only of what is. */
    honest: () => silent || !follower.position.complete || told.length === sent,
  }
}

t.test('whatever is lost or repeated, each event is told once and in order', (t) => {
  assert(
    property(array(happening, { maxLength: 80 }), (happenings) => {
      const told: number[] = []
      const hub = carelessHub(told)
      const honest = happenings.every((name) => {
        hub[name]()
        return hub.honest()
      })
      while (told.length < total) {
        hub.sent()
        hub['new socket']()
      }
      const inOrder = told.every((seq, index) => seq === index + 1)
      return honest && inOrder && hub.follower.position.complete
    }),
    { numRuns: 500 },
  )
  t.end()
})
