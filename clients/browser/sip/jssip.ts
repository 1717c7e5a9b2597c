import { addressOf, fixedUrl, isRenewed, socketUrl, type Account } from './account.ts'
import type { SipConfig } from './config.ts'

/** What JsSIP asks of a socket. */
interface Socket {
  readonly url: string
  readonly via_transport: string
  readonly sip_uri: string
  connect(): void
  disconnect(): void
  send(message: string): boolean
  onconnect(): void
  ondisconnect(error: boolean, code?: number, reason?: string): void
  ondata(data: unknown): void
}

/** What is needed of JsSIP. */
interface Library<One> {
  readonly WebSocketInterface: new (url: string) => One
}

interface Options<One> {
  sockets: One[]
  uri: string
  password: string
  display_name?: string
}

/** Options for `new JsSIP.UA(…)`. @param library JsSIP itself */
export function jssipOptions<One>(
  library: Library<One>,
  config: SipConfig,
  account: Account,
): Options<One> {
  const socket = isRenewed(account)
    ? (renewing(library, { config, account }) as unknown as One)
    : new library.WebSocketInterface(fixedUrl(config, account))
  return {
    sockets: [socket],
    uri: addressOf(account, config),
    password: account.password,
    ...(account.name && { display_name: account.name }),
  }
}

/** A socket that asks for another address whenever it connects. */
function renewing(
  { WebSocketInterface }: Library<unknown>,
  { config, account }: { config: SipConfig; account: Account },
): Socket {
  const open = (url: string) => new WebSocketInterface(url) as Socket
  let inner = open(config.wssServerUrl)
  let turn = 0
  const { url, via_transport, sip_uri } = inner
  const socket: Socket = {
    url,
    via_transport,
    sip_uri,
    onconnect() {},
    ondisconnect() {},
    ondata() {},
    send: (message) => inner.send(message),
    disconnect() {
      turn += 1
      inner.disconnect()
    },
    connect() {
      const mine = (turn += 1)
      socketUrl(config, account).then(
        (address) => {
          if (mine !== turn) return
          const { onconnect, ondisconnect, ondata } = socket
          inner = Object.assign(open(address), { onconnect, ondisconnect, ondata })
          inner.connect()
        },
        () => mine === turn && socket.ondisconnect(true, 1006, 'no token'),
      )
    },
  }
  return socket
}
