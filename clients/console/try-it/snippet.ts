/** A whole client in plain JavaScript: it connects, prints what happens, and misses nothing when it reconnects. */
export function snippet(url: string): string {
  return `const url = '${url}'
const token = 'PASTE-A-TOKEN'
let epoch, position

function connect() {
  const cursor = position === undefined ? '' : \`?cursor=\${epoch}:\${position}\`
  const socket = new WebSocket(url + cursor, ['switchhook.v1', \`bearer.\${token}\`])
  socket.onmessage = ({ data: text }) => {
    const { event, seq, data } = JSON.parse(text)
    if (event === 'connected') epoch = data.head.split(':')[0]
    if (event === 'snapshot') position = data.seq
    if (seq > position) console.log((position = seq), event, data.from, '→', data.to)
  }
  socket.onclose = ({ code, reason }) => {
    if (code === 1008) console.error('refused:', reason)
    else setTimeout(connect, 500 + Math.random() * 5000)
  }
}
connect()
`
}
