import { randomUUID } from 'node:crypto'
import t from 'tap'
import { connect } from '../kit/client.ts'
import { dataText, isNumbered, openStream } from '../kit/event-stream.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { sharedTopology } from '../kit/topology.ts'

const total = 120

/** Splits a catch-up answer into the texts of its frames. */
function framesIn(text: string): string[] {
  const inner = text.slice('{"events":['.length, text.lastIndexOf('],"next":'))
  return inner === '' ? [] : inner.split(/,(?=\{"event":"[^"]+","seq":)/)
}

t.test('WebSocket, event stream and catch-up tell the same, whichever hub they ask', async (t) => {
  const { hubs, webhooks, token } = await sharedTopology(t)
  const socket = await connect(hubs[0]!, { token, modern: true })
  const bySocket: string[] = []
  socket.socket.on('message', (data: Buffer) => {
    if (/^\{"event":"[^"]+","seq":/.test(data.toString())) bySocket.push(data.toString())
  })
  const { data } = await socket.nextNamed('connected')
  const start = String(data['head'])

  const byStream: string[] = []
  const follow = async (): Promise<void> => {
    let lastId = start
    for (let turn = 0; byStream.length < total; turn += 1) {
      const stream = await openStream(hubs[turn % 2]!, { token, lastId })
      // Each stream reads a little, then goes away in the middle of things.
      for (let count = 0; count < 17 && byStream.length < total;) {
        const block = await stream.next()
        if (block.id !== undefined) lastId = block.id
        if (block.event === 'resync') throw new Error(block.data)
        if (!isNumbered(block)) continue
        byStream.push(block.data)
        count += 1
      }
      stream.close()
    }
  }

  const byPages: string[] = []
  const read = async (): Promise<void> => {
    let after = start
    for (let turn = 0; byPages.length < total; turn += 1) {
      const query = `after=${after}&limit=7&wait=10`
      const response = await fetch(`${hubs[turn % 2]}/api/events?${query}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const text = await response.text()
      if (response.status !== 200) throw new Error(text)
      byPages.push(...framesIn(text))
      after = (JSON.parse(text) as { next: string }).next
    }
  }

  const publish = async (): Promise<void> => {
    for (let count = 0; count < total; count += 4) {
      await Promise.all([0, 1, 2, 3].map(() => post(webhooks, telnyxEvent({ call: randomUUID() }))))
    }
  }

  await Promise.all([publish(), follow(), read(), socket.nextEvents(total)])
  const expected = bySocket.map(dataText)
  t.equal(expected.length, total)
  t.strictSame(byStream.map(dataText), expected)
  t.strictSame(byPages.map(dataText), expected)
  t.strictSame(
    [byStream, byPages].map((frames) =>
      frames.map((frame) => (JSON.parse(frame) as { seq: number }).seq),
    ),
    [0, 1].map(() => Array.from({ length: total }, (_, index) => index + 1)),
  )
  await socket.close()
})
