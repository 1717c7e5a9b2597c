import {
  isMalformed,
  isSameUri,
  isSip,
  parseUri,
  secondsIn,
  type Address,
  type Cseq,
  type Message,
} from '@switchhook/shared/sip'

/** A contact as a REGISTER or its answer has it. */
export interface Contact {
  /** An octet a character. */
  readonly uri: string
  readonly instance: string | null
  readonly regId: string | null
  /** Seconds: what is asked for, or granted; null: it does not say. */
  readonly expires: number | null
}

/** What is the same for a REGISTER and its answers. */
export interface Transaction {
  readonly callId: string
  readonly cseq: Cseq
}

/** What is asked of a registrar. */
export interface Register extends Transaction {
  readonly aor: string
  /** Empty if the AOR names a host alone. */
  readonly user: string
  readonly userAgent: string | null
  /** `*`: none of the AOR is to stay. */
  readonly contacts: readonly Contact[] | '*'
  readonly expires: number | null
}

/** How a registrar ended it. */
export interface Answer extends Transaction {
  readonly status: number
  readonly contacts: readonly Contact[]
  readonly expires: number | null
}

/** Contacts of a REGISTER; one with more is not read. */
const maxContacts = 10
/** Contacts of an answer, which lists all of an AOR; more are not compared. */
const maxListed = 200
/** Of whatever text is kept; an AOR or a Contact that is longer is not read. */
const longest = 512

/** What a registrar grants that does not say (RFC 3261 §10.2.1.1). */
const usualSeconds = 3_600

/** Reads a REGISTER; null: it is none that can be read. */
export function registerOf(message: Message): Register | null {
  const { method, to, userAgent, expires } = message
  const transaction = transactionOf(message)
  const contacts = contactsOf(message)
  if (method !== 'REGISTER' || transaction === null || contacts === null || isMalformed(to)) {
    return null
  }
  const named = aorOf(message, to)
  if (named === null || (contacts !== '*' && !areKept(contacts))) return null
  return { ...transaction, ...named, userAgent, contacts, expires }
}

/** Reads the final answer to a REGISTER; null: it is none, or cannot be read. */
export function answerOf(message: Message): Answer | null {
  const { status, expires } = message
  const transaction = transactionOf(message)
  if (status === null || status < 200 || transaction?.cseq.method !== 'REGISTER') return null
  const contacts = contactsOf(message)
  if (contacts === null) return null
  return { ...transaction, status, contacts: contacts === '*' ? [] : contacts, expires }
}

/**
 * The seconds that an answer grants to a contact: its own `expires` there, else the answer's, else what was asked for.
 * 0: it is not, or not any more, among those that are registered.
 */
export function grantedTo(contact: Contact, register: Register, answer: Answer): number {
  const asked = contact.expires ?? register.expires
  if (asked === 0) return 0
  const listed = answer.contacts.slice(0, maxListed)
  const found =
    listed.find(({ uri }) => isSameUri(uri, contact.uri)) ??
    listed.find((one) => bindingOf(one) === bindingOf(contact))
  if (found === undefined) return 0
  return found.expires ?? answer.expires ?? asked ?? usualSeconds
}

/** What a binding is known by, whatever connection it comes over (RFC 5626 §6). */
export function bindingOf({ uri, instance, regId }: Contact): string {
  return instance === null || regId === null ? uri : `${instance} ${regId}`
}

/** Octets, each a character, as the UTF-8 that they are; the same text if they say the same, for it is kept. */
export function decoded(octets: string): string {
  return isPlain(octets) ? octets : plain(Buffer.from(octets, 'latin1').toString())
}

/** As every store takes it, and not longer than need be. */
export function plain(text: string): string {
  if (isPlain(text)) return text
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, longest)
    .toWellFormed()
}

/** ASCII without control characters, as nearly all of it is. */
function isPlain(text: string): boolean {
  return text.length <= longest && /^[ -~]*$/.test(text)
}

/** Whether both are of one REGISTER. */
export function isSame(one: Transaction, other: Transaction): boolean {
  return one.cseq.number === other.cseq.number && one.callId === other.callId
}

function transactionOf({ callId, cseq }: Message): Transaction | null {
  return isMalformed(callId) || isMalformed(cseq) ? null : { callId, cseq }
}

/** Without parameters, as it is looked up (RFC 3261 §10.3); null: a registrar takes no URI that is not SIP's. */
function aorOf(message: Message, { uri }: Address): { aor: string; user: string } | null {
  if (uri.end - uri.start > longest) return null
  const parts = parseUri(message.octets, uri)
  if (isMalformed(parts) || !isSip(parts)) return null
  const user = parts.user === null ? '' : decoded(message.text(parts.user))
  const host = message.text(parts.hostPort).toLowerCase()
  const aor = `${parts.scheme}:${user === '' ? '' : `${user}@`}${host}`
  const written = message.text({ start: uri.start, end: parts.hostPort.end })
  // A text that was put together is kept in its parts.
  return { aor: written === aor ? written : aor, user }
}

function areKept(contacts: readonly Contact[]): boolean {
  return contacts.length <= maxContacts && contacts.every(({ uri }) => uri.length <= longest)
}

function contactsOf(message: Message): Contact[] | '*' | null {
  const { contacts } = message
  if (contacts === '*') return contacts
  if (isMalformed(contacts)) return null
  return contacts.map((contact) => ({
    uri: message.text(contact.uri),
    instance: shortened(message.param(contact, '+sip.instance')),
    regId: shortened(message.param(contact, 'reg-id')),
    expires: secondsIn(message.param(contact, 'expires') ?? ''),
  }))
}

function shortened(text: string | null): string | null {
  return text === null || text === '' ? null : text.slice(0, longest)
}
