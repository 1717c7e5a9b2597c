import type { TracedMessage } from './traces.ts'

/** One who speaks: a vertical line of the ladder. */
export interface Lane {
  readonly kind: 'browser' | 'proxy' | 'upstream'
  /** Address and port of a browser, name of an upstream. */
  readonly name: string
}

const proxy: Lane = { kind: 'proxy', name: 'Switchhook' }

/** The browsers on the left, the upstreams on the right, each in the order it first spoke or was spoken to. */
export function lanesOf(messages: readonly TracedMessage[]): Lane[] {
  const browsers = new Set(messages.map(browserOf))
  const upstreams = new Set(messages.map(({ upstream }) => upstream))
  return [
    ...[...browsers].map((name) => ({ kind: 'browser', name }) as const),
    proxy,
    ...[...upstreams].map((name) => ({ kind: 'upstream', name }) as const),
  ]
}

/** Between which lanes a message went, by their places. */
export function wayOf(
  message: TracedMessage,
  lanes: readonly Lane[],
): { readonly from: number; readonly to: number } {
  const place = (wanted: Lane['kind'], named: string): number =>
    lanes.findIndex(({ kind, name }) => kind === wanted && name === named)
  const { from, upstream } = message
  const [browser, other] = [place('browser', browserOf(message)), place('upstream', upstream)]
  return from === 'browser' ? { from: browser, to: other } : { from: other, to: browser }
}

/** Two browsers of an office have one address. */
export function browserOf({ address, port }: TracedMessage): string {
  return port === null ? address : `${address}:${port}`
}

/** `INVITE` of a request, `180 Ringing` of a response. */
export function wordsOf(startLine: string): string {
  const [, answer] = /^SIP\/\S+ +(.*)$/.exec(startLine) ?? []
  return answer ?? startLine.split(' ', 1)[0]!
}

/** What kind of arrow it is. */
export function lookOf(startLine: string): 'request' | 'passing' | 'well' | 'asked' | 'wrong' {
  const [, status] = /^SIP\/\S+ +(\d{3})/.exec(startLine) ?? []
  if (status === undefined) return 'request'
  if (status < '200') return 'passing'
  if (status < '300') return 'well'
  // Who is asked for a password has done nothing wrong yet.
  return status === '401' || status === '407' || status < '400' ? 'asked' : 'wrong'
}
