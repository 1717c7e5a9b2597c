/** Whose SIP is to be written down. */
export interface NewTrace {
  /** UUID. */
  readonly app: string
  /** `sip:1001@example.com`, or `1001` at any host. */
  readonly aor: string
  /** Who wants it. */
  readonly by: string
  /** How long, milliseconds. */
  readonly lastsMs: number
}

export interface Trace extends Omit<NewTrace, 'lastsMs'> {
  /** UUID. */
  readonly id: string
  /** RFC 3339. */
  readonly startedAt: string
  /** RFC 3339: when it will end, or has ended. */
  readonly until: string
  /** `full`: it has as many messages as it may have, and ended. */
  readonly state: 'active' | 'ended' | 'full'
  readonly messages: number
  /** Messages that were to be written down and were not. */
  readonly dropped: number
}

/** A message as it is shown: masked. */
export interface TracedMessage {
  /** RFC 3339, milliseconds. */
  readonly at: string
  readonly from: 'browser' | 'upstream'
  /** Name of the upstream. */
  readonly upstream: string
  /** Of the browser. */
  readonly address: string
  /** Of its socket: what tells two browsers behind one address apart; null: not known. */
  readonly port: number | null
  readonly startLine: string
  /** The whole message, start line included. */
  readonly message: string
}

/** What is known of a Call-ID from its messages. */
export interface CallFacts {
  readonly method: string
  /** Addresses of record, without parameters. */
  readonly from: string
  readonly to: string
  readonly upstream: string
}

/** A message that is to be written down. */
export interface NewMessage {
  readonly app: string
  /** UUID of the trace that it is written for. */
  readonly trace: string
  /** Its Call-ID. */
  readonly call: string
  /** Unix microseconds; each later than the one before in this process. */
  readonly at: number
  readonly facts: CallFacts
  readonly message: Omit<TracedMessage, 'at'>
}

/** Messages of a trace that got lost on their way to the store. */
export interface Lost {
  readonly app: string
  readonly trace: string
  readonly count: number
}

/** A call that was written down. */
export interface TracedCall extends CallFacts {
  readonly call: string
  /** RFC 3339, of the first and the last message. */
  readonly startedAt: string
  readonly lastAt: string
  readonly messages: number
}

/** All that was written down of a call. */
export interface WrittenCall {
  /** In the order they passed. */
  readonly messages: readonly TracedMessage[]
  /** The traces that wrote them. */
  readonly traces: readonly Trace[]
  /** Messages that no key of ours opens any more. */
  readonly unreadable: number
}

/** Which calls. */
export interface CallSlice {
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: Pick<TracedCall, 'startedAt' | 'call'> | undefined
}

/** Whose SIP is written down, known in every process within a second, and what was, sealed at rest. */
export interface SipTraces {
  /** Those that write now, of all apps, as this process knows it. */
  active(): readonly Trace[]
  /** Begins one in place of that of the same user. @returns null if the app has as many as it may have */
  start(wanted: NewTrace): Promise<Trace | null>
  /** Ends the one of this user. @returns whether there was one */
  end(app: string, aor: string): Promise<boolean>
  /** Those of an app that are kept, the newest first. */
  list(app: string): Promise<readonly Trace[]>
  /** Calls of an app that were written down, the newest first. */
  calls(app: string, slice: CallSlice): Promise<readonly TracedCall[]>
  /** @returns null if nothing was written down of it */
  call(app: string, call: string): Promise<WrittenCall | null>
  /** Writes messages in one go; what does not fit into a trace is counted, and ends it. */
  write(messages: readonly NewMessage[], lost?: readonly Lost[]): Promise<void>
  /** Removes traces that ended before a time (RFC 3339) with all they wrote, so many at most. @returns how many */
  purge(before: string, limit: number): Promise<number>
  /** Reads what other processes changed: one row, as long as nobody did. */
  refresh(): Promise<void>
}
