import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { temporaryDir } from '../build.ts'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** What it answers. */
export const okOfSip = 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'

/** A PBX that answers everything with 200. @returns the file of upstreams that names it `office` */
export async function officeOf(t: Test): Promise<string> {
  const pbx = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => offered.has('sip') && 'sip',
  })
  await once(pbx, 'listening')
  t.teardown(() => {
    for (const socket of pbx.clients) socket.terminate()
    pbx.close()
  })
  pbx.on('connection', (socket) => socket.on('message', () => socket.send(okOfSip)))
  const { port } = pbx.address() as AddressInfo
  const office = { name: 'office', targets: [`ws://127.0.0.1:${port}/ws`], allowPrivate: true }
  const dir = temporaryDir(t)
  // Its reader has another user.
  chmodSync(dir, 0o755)
  const file = join(dir, 'upstreams.yaml')
  writeFileSync(file, JSON.stringify({ upstreams: [office] }))
  return file
}
