import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from '../control.ts'

// nginx as its manual says for WebSockets, which is measured, and this process, which only starts it.
const { DATA_DIR = '', NGINX = '', UPSTREAM = '' } = process.env
const port = await freePort()
const config = join(DATA_DIR, 'nginx.conf')
writeFileSync(
  config,
  `daemon off;
master_process off;
pid ${join(DATA_DIR, 'nginx.pid')};
error_log stderr crit;
worker_rlimit_nofile 20000;
events { worker_connections 16384; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(DATA_DIR, name)};`)
    .join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${UPSTREAM.replace('ws:', 'http:')};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 300s;
    }
  }
}
`,
)

// Whatever becomes of this process, the server ends with it.
const server = spawn('setpriv', ['--pdeathsig', 'KILL', NGINX, '-p', DATA_DIR, '-c', config], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
server.once('exit', () => process.exit(1))
while (!(await listens())) await sleep(20)
await announce({ port, pid: server.pid })

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return free
}

async function listens(): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}
