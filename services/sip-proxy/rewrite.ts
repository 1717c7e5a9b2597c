import {
  isMalformed,
  isSip,
  parse,
  parseUri,
  replaced,
  unescaped,
  write,
  type Message,
  type Patch,
  type SipUri,
  type Span,
} from '@switchhook/shared/sip'
import type { Rewrite } from './relay/contract.ts'

/** Users of a connection whose own address is remembered; of more, those that were sent longest ago are not put back. */
const maxUsers = 16

/** What a browser calls itself: it has no address that anybody could reach (RFC 7118 §5). */
const nowhere = /(^|\.)invalid$/i

/**
 * Rewrites the Contacts of one connection, for a PBX that takes none without a real address: on the way up the
 * `….invalid` becomes `contactHost`, on the way down what was made of it becomes again what the browser sent, since
 * JsSIP and SIP.js know their Contact by it. Only host and port are touched, and every other octet stays.
 * @param contactHost `host` or `host:port`
 */
export function createRewrite(contactHost: string): Rewrite {
  const sent = new Map<string, string>()
  const placed = hostOf(contactHost)

  const hide = (octets: Buffer, span: Span): Patch | null => {
    const uri = sipUriIn(octets, span)
    if (uri === null || !nowhere.test(textIn(octets, uri.host))) return null
    const user = userOf(octets, uri)
    sent.delete(user)
    sent.set(user, textIn(octets, uri.hostPort))
    if (sent.size > maxUsers) sent.delete(sent.keys().next().value!)
    return replaced(uri.hostPort, contactHost)
  }

  const show = (octets: Buffer, span: Span): Patch | null => {
    const uri = sipUriIn(octets, span)
    if (uri === null || hostOf(textIn(octets, uri.hostPort)) !== placed) return null
    const own = sent.get(userOf(octets, uri))
    return own === undefined ? null : replaced(uri.hostPort, own)
  }

  return {
    rewrite(from, octets) {
      // The relay has judged how large it may be.
      const message = parse(octets, octets.length)
      if (isMalformed(message)) return null
      const edit = from === 'browser' ? hide : show
      const spans = from === 'browser' ? contactsOf(message) : placesOf(message)
      const patches = spans.flatMap((span) => edit(octets, span) ?? [])
      return patches.length === 0 ? octets : write(message, patches)
    },
  }
}

/** Where the URIs of the Contacts are; one that cannot be read goes on as it is, and so do those beside it. */
function contactsOf({ contacts }: Message): Span[] {
  return isMalformed(contacts) || contacts === '*' ? [] : contacts.map(({ uri }) => uri)
}

/** Where a PBX says what we made: as what it calls, and among the Contacts of an answer. */
function placesOf(message: Message): Span[] {
  const { requestUri } = message
  return requestUri === null ? contactsOf(message) : [requestUri, ...contactsOf(message)]
}

function sipUriIn(octets: Buffer, span: Span): SipUri | null {
  const uri = parseUri(octets, span)
  return isMalformed(uri) || !isSip(uri) ? null : uri
}

function userOf(octets: Buffer, { user }: SipUri): string {
  return user === null ? '' : unescaped(textIn(octets, user))
}

function textIn(octets: Buffer, { start, end }: Span): string {
  return octets.toString('latin1', start, end)
}

/** As hosts are compared: some leave the usual port away. */
function hostOf(hostPort: string): string {
  return hostPort.toLowerCase().replace(/:5060$/, '')
}
