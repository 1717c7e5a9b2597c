import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { controlFrames } from '@switchhook/shared/messages'
import { build } from './kit/build.ts'
import { lossyHub } from './kit/lossy-hub.ts'
import { cleanEnvironment, root } from './kit/process.ts'
import { post, telnyxEvent } from './kit/sender.ts'
import { mistakeIn } from './kit/strict-frames.ts'
import { publish } from './contracts/hub-events.ts'

const deadlineMs = 60_000

/** The JavaScript, or the JSON, of a page. */
function blocksOf(path: string, language: 'js' | 'json' = 'js'): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  const blocks = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')
  return [...text.matchAll(blocks)].map((match) => match[1]!)
}

t.test('the client of the protocol page loses nothing when its connection is cut', async (t) => {
  const [block = ''] = blocksOf('docs/protocol.md')
  const [, code = ''] = block.split('\n\n')
  t.equal(code.trim().split('\n').length, 15)
  const { url, token } = await build(t)
  const line = await cuttable(t, url)
  const page = runPage(t, withSettings(block, { url: `${line.url}/ws/call`, token }))
  await line.inStep()
  await post(url, telnyxEvent())
  t.equal(await page.printed(), 'call-initiated 1 +12025550133 +12025550131')
  line.cut()
  await post(url, telnyxEvent({ type: 'call.answered' }))
  t.match(await page.printed(), /^call-answered 2 /)
  await line.inStep()
  await post(url, telnyxEvent({ type: 'call.hangup' }))
  t.match(await page.printed(), /^call-hangup 3 /)
})

/** Connects as the client of the page does, and asks the rule of the page what to show. */
const asker = `
const url = 'ws://127.0.0.1:3000/ws'
const token = ''
function open() {
  const cursor = position < 0 ? '' : \`?cursor=\${epoch}:\${position}\`
  const socket = new WebSocket(url + cursor, ['switchhook.v1', \`bearer.\${token}\`])
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data)
    if (isNext(frame, socket)) console.log(frame.seq)
  }
  socket.onclose = () => setTimeout(open, 50)
}
open()
`

t.test(
  'the rule of the protocol page gets every event once, whatever is lost on the way',
  async (t) => {
    const [client = '', rule = ''] = blocksOf('docs/protocol.md')
    const { app, url, token } = await build(t)
    for (const code of [rule + asker, client.replace('event, seq, data.from, data.to', 'seq')]) {
      const before = (await app.journal.heads([app.directory.firstApp.id])).get(
        app.directory.firstApp.id,
      )!
      const hub = await lossyHub(t, url)
      const page = runPage(t, withSettings(code, { url: `${hub.url}/ws`, token }))
      await hub.inStep()
      for (let round = 0; round < 6; round += 1) {
        await publish(
          app,
          Array.from({ length: 5 }, () => ({})),
        )
      }
      for (let seq = before + 1; seq <= before + 30; seq += 1)
        t.equal(await page.printed(), String(seq))
      t.ok(hub.lost > 5, `${hub.lost} lost`)
    }
  },
)

t.test('the page of the README prints an event, and why it was closed', async (t) => {
  const [block = ''] = blocksOf('README.md')
  const { app, url, token } = await build(t)
  const line = await cuttable(t, url)
  const page = runPage(t, withSettings(block, { url: `${line.url}/ws`, token }))
  await line.inStep()
  await post(url, telnyxEvent())
  t.equal(await page.printed(), '1 call-initiated +12025550133 → +12025550131 initiated')
  await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'custom.note', data: {} }),
  })
  t.match(await page.printed(), /^2 custom-note /, 'an event without a call')
  const closed = app.close()
  t.match(await page.printed(), /^closed 1012 restart \d{4}$/)
  await closed
})

/** The block with the address and the token of a test. */
function withSettings(block: string, { url, token }: { url: string; token: string }): string {
  return block
    .replace(/ws:\/\/127\.0\.0\.1:3000[/\w]*/, url.replace('http', 'ws'))
    .replace(/(?<=const token = )'[^']*'/, `'${token}'`)
}

/** A TCP line to a suite that can be cut while both ends live. */
async function cuttable(t: Test, url: string) {
  const { port } = new URL(url)
  const open = new Set<Socket>()
  let step = Promise.withResolvers<void>()
  const server = createServer((near) => {
    const far = connectTcp(Number(port), '127.0.0.1')
    open.add(near)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => {}).on('close', () => to.destroy())
      from.pipe(to)
    }
    far.on('data', (data: Buffer) => {
      if (data.includes('"event":"head"')) step.resolve()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of open) socket.destroy()
    open.clear()
    step = Promise.withResolvers()
  }
  t.teardown(() => {
    cut()
    server.close()
  })
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: own, cut, inStep: () => step.promise }
}

/** Runs a block as a module of its own, and hands out what it prints line by line. */
function runPage(t: Test, code: string) {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: cleanEnvironment({ NO_COLOR: '1' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let [output, complaints] = ['', '']
  child.stdout!.on('data', (chunk: Buffer) => (output += String(chunk)))
  child.stderr!.on('data', (chunk: Buffer) => (complaints += String(chunk)))
  const printed = async (): Promise<string> => {
    const signal = AbortSignal.timeout(deadlineMs)
    while (!output.includes('\n')) {
      if (child.exitCode !== null) throw new Error(`it ended: ${complaints}`)
      const ended = once(child, 'exit', { signal })
      await Promise.race([once(child.stdout!, 'data', { signal }), ended])
    }
    const [line = ''] = output.split('\n', 1)
    output = output.slice(line.length + 1)
    return line
  }
  return { printed }
}

t.test(
  'the page of the hub names its metrics, and that of the protocol every reason',
  async (t) => {
    const { app } = await build(t)
    const page = readFileSync(join(root, 'docs/services/event-hub.md'), 'utf8')
    const names = app.metrics.getMetricsAsArray().map(({ name }) => name)
    const own = names.filter((name) => name.startsWith('switchhook_hub_'))
    t.ok(own.length > 5)
    for (const name of own) t.match(page, `\`${name}`, name)
    const protocol = readFileSync(join(root, 'docs/protocol.md'), 'utf8')
    for (const reason of controlFrames.resync.properties.reason.enum) {
      t.match(protocol, `| \`${reason}\``, reason)
    }
  },
)

t.test('the frames that the protocol page shows are as they are written', (t) => {
  const shown = blocksOf('docs/protocol.md', 'json').map((text) => JSON.parse(text) as object)
  const frames = shown.filter((one): one is { event: string } => 'event' in one)
  t.strictSame(
    frames.map(({ event }) => event),
    ['connected', 'call-answered'],
  )
  for (const frame of frames) t.equal(mistakeIn(frame), null)
  t.end()
})
