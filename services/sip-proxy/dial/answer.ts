import { CodedError, type Code } from '@switchhook/shared/errors'
import type { Upgraded } from '@switchhook/shared/upgrade'

/** Characters of what the upstream says that are repeated. */
const maxQuoted = 100

/** Why a target's answer to the handshake opens no SIP WebSocket; null if it opens one. */
export function refusalIn(answer: Upgraded, host: string): CodedError | null {
  const { status, reason, headers } = answer
  const refused = (code: Code, ...args: string[]) => new CodedError(code, { args: [host, ...args] })
  const said = `${status} ${reason}`.slice(0, maxQuoted).trim()
  if (status === 101) {
    if (answer.protocol !== null) return null
    return refused('upstream_not_websocket', 'its 101 chooses no subprotocol')
  }
  if (status === 400) return refused('upstream_bad_request')
  if (status === 404) return refused('upstream_path_not_found')
  if (status === 401 || status === 403 || status === 407) return refused('upstream_forbidden', said)
  if (status < 300) return refused('upstream_not_websocket', `it answers ${said}`)
  if (status < 400) return refused('upstream_redirected', placeIn(headers.get('location'), host))
  return refused('upstream_failed', said)
}

/** Without its query, in which there may be anything. */
function placeIn(location: string | undefined, host: string): string {
  const url = location === undefined ? null : URL.parse(location, `https://${host}`)
  return url === null
    ? 'nowhere'
    : `${url.protocol}//${url.host}${url.pathname}`.slice(0, maxQuoted)
}
