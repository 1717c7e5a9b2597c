import { test } from 'tap'
import { freePort } from '../kit/process.ts'
import { post, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { runCli, startCli } from './run-cli.ts'

test('services run as processes that get each signal once', async (t) => {
  const DATA_DIR = t.testdir({})
  const PORT = String(await freePort())
  const serve = startCli(t, ['serve'], { DATA_DIR, PORT })
  await serve.printed(/ready/)
  t.equal((await fetch(`http://127.0.0.1:${PORT}/livez`)).status, 200)
  // A package manager in between repeats what the terminal already sent.
  void serve.stop('SIGINT')
  t.equal(await serve.stop('SIGINT'), 0)
})

test('serve ends with the exit code of the service', async (t) => {
  const { code, stderr } = await runCli(t, ['serve', 'event-hub'], { PORT: 'x' })
  t.equal(code, 78)
  t.match(stderr, /^PORT: must be an integer/m)
})

test('events tail follows across a restart of the hub', async (t) => {
  const settings = {
    DATA_DIR: t.testdir({}),
    PORT: String(await freePort()),
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
  }
  const origin = `127.0.0.1:${settings.PORT}`
  const first = startCli(t, ['serve'], settings)
  await first.printed(/ready/)
  const tail = startCli(t, ['events', 'tail', '--url', `ws://${origin}/ws`], settings)
  await tail.complained(/Connected; nothing is missing/)
  for (const seq of [1, 2]) {
    await post(`http://${origin}`, telnyxEvent())
    await tail.printed(new RegExp(`^call-initiated  seq ${seq}  `, 'm'))
  }
  await first.stop('SIGTERM')
  const second = startCli(t, ['serve'], settings)
  await second.printed(/ready/)
  // Committed while the client is still waiting for its next attempt.
  await post(`http://${origin}`, telnyxEvent())
  await tail.printed(/^call-initiated {2}seq 3 {2}/m)
  t.strictSame(tail.stdout.match(/seq \d+/g), ['seq 1', 'seq 2', 'seq 3'], 'each once, in order')
  t.equal(await tail.stop('SIGINT'), 0)
  t.match(tail.stderr, /--cursor \w+:3\n$/)
})

test('events tail ends with the reason when the hub refuses', async (t) => {
  const settings = { DATA_DIR: t.testdir({}), PORT: String(await freePort()) }
  const serve = startCli(t, ['serve'], settings)
  await serve.printed(/ready/)
  const args = ['events', 'tail', '--url', `ws://127.0.0.1:${settings.PORT}/ws`, '--token', 'x.y.z']
  const { code, stderr } = await runCli(t, args)
  t.equal(code, 1)
  t.match(stderr, /^The hub refused: auth_invalid/)
})
