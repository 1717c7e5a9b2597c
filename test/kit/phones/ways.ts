import { Kamailio } from '../sip/kamailio.ts'
import { startLine, type Line } from '../sip/line.ts'
import { startRelay, type RelayOptions } from '../sip/relay.ts'
import type { Test } from 'tap'

/** How telephones get to a registrar. */
export interface Way {
  /** What they connect to. */
  readonly url: string
  readonly kamailio: Kamailio
  /** That which they connect to. */
  readonly front: Line
  /** The last one before the registrar. */
  readonly back: Line
  /** What the registrar is told as the contact of a phone. */
  readonly contact: RegExp
}

const invalid = /@\w+\.invalid;transport=ws/

/** A registrar at the end of one line. */
export async function straight(t: Test): Promise<Way> {
  const kamailio = await Kamailio.start(t)
  const line = await startLine(t, kamailio.ws)
  return { url: line.url, kamailio, front: line, back: line, contact: invalid }
}

/** A registrar behind the suite, with a line before and a line behind it. */
export async function relayed(
  t: Test,
  scheme: 'ws' | 'wss',
  options: Omit<RelayOptions, 'targets' | 'ca'> = {},
): Promise<Way> {
  const kamailio = await Kamailio.start(t)
  const back = await startLine(t, kamailio[scheme])
  const relay = await startRelay(t, { ...options, targets: [back.url], ca: kamailio.ca })
  const front = await startLine(t, relay.socketUrl)
  const host = options.upstream?.['contactHost']
  const contact = typeof host === 'string' ? new RegExp(`@${host};transport=ws`) : invalid
  return { url: front.url, kamailio, front, back, contact }
}
