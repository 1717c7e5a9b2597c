/** Where SIP over WebSocket may be. */
export interface Candidate {
  readonly url: URL
  /** Whether it is what was asked for. */
  readonly given: boolean
  /** Whether the subprotocol is offered. */
  readonly offers: boolean
}

/** Where PBXs listen unless told otherwise, the safe ones first. */
const usual = [
  'wss://:8089/ws', // Asterisk
  'ws://:8088/ws', // Asterisk
  'wss://:7443/', // FreeSWITCH
  'ws://:5066/', // FreeSWITCH
  'wss://:443/ws', // behind a web server
  'wss://:443/',
] as const

/** The given URL with and without the subprotocol, the other path, and the usual places of the same host. */
export function candidates(given: URL): Candidate[] {
  const otherPath = new URL(given)
  otherPath.pathname = given.pathname === '/ws' ? '/' : '/ws'
  const otherScheme = new URL(given)
  otherScheme.protocol = given.protocol === 'wss:' ? 'ws:' : 'wss:'
  if (otherScheme.port === '') otherScheme.port = given.protocol === 'wss:' ? '443' : '80'
  const places = usual.map((place) => new URL(place.replace('//', `//${given.hostname}`)))
  const seen = new Set([given.href])
  const others = [otherPath, otherScheme, ...places].filter(({ href }) => {
    const isNew = !seen.has(href)
    seen.add(href)
    return isNew
  })
  return [
    { url: given, given: true, offers: true },
    { url: given, given: true, offers: false },
    ...others.map((url) => ({ url, given: false, offers: true })),
  ]
}
