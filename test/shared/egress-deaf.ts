import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import type { Test } from 'tap'

/** A server that is stopped as soon as it listens: connections wait in its backlog, then the kernel drops what comes. */
const program = `
  const server = require('node:net').createServer()
  server.listen({ host: '127.0.0.6', port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n')
    process.kill(process.pid, 'SIGSTOP')
  })`

/** An address on which a connection is neither taken nor refused; it goes with the test. */
export async function startDeaf(t: Test): Promise<{ host: string; port: number }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const fillers: Socket[] = []
  t.teardown(async () => {
    for (const socket of fillers) socket.destroy()
    const exited = once(child, 'close')
    child.kill('SIGKILL')
    await exited
  })
  const host = '127.0.0.6'
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line)
  for (let full = false; !full;) {
    const socket = connect(port, host).on('error', () => {})
    fillers.push(socket)
    full = await Promise.race([once(socket, 'connect').then(() => false), after(100, true)])
  }
  for (const socket of fillers.filter(({ pending }) => pending)) socket.destroy()
  return { host, port }
}
