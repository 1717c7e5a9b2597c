import JsSIP from 'jssip'
import { passwordOf, sipDomain } from '../sip/accounts.ts'
import { Diary, type OpenPhone, type PhoneOptions } from './phone.ts'
import type {
  HoldEvent,
  IncomingDTMFEvent,
  IncomingEvent,
  OutgoingDTMFEvent,
  OutgoingEvent,
  RTCSession,
} from 'jssip/lib/RTCSession.js'
import type { RTCSessionEvent, UA } from 'jssip/lib/UA.js'

/** Whose doing an event is: an enum in the library's types, and a string in fact. */
const isRemote = (originator: string): boolean => originator === 'remote'

/** A telephone of JsSIP, as its users write one. */
export class JsSipPhone implements OpenPhone {
  readonly user: string
  readonly diary = new Diary()
  readonly #ua: UA
  #session!: RTCSession

  constructor({ user, url }: PhoneOptions) {
    this.user = user
    this.#ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri: `sip:${user}@${sipDomain}`,
      password: passwordOf(user),
      register: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 1,
    })
    const { note } = this.diary
    this.#ua.on('connected', () => note('connected'))
    this.#ua.on('disconnected', ({ code, reason }) => note(`disconnected ${code} ${reason}`))
    this.#ua.on('registered', () => note('registered'))
    this.#ua.on('unregistered', () => note('unregistered'))
    this.#ua.on('registrationFailed', ({ cause }) => note(`not registered ${cause}`))
    this.#ua.on('newRTCSession', ({ originator, session }: RTCSessionEvent) => {
      this.#follow(session)
      if (isRemote(originator)) note(`call from ${session.remote_identity.uri.user}`)
    })
  }

  #follow(session: RTCSession): void {
    const { note } = this.diary
    this.#session = session
    session.on('progress', ({ originator }: IncomingEvent | OutgoingEvent) => {
      if (isRemote(originator)) note('ringing')
    })
    session.on('confirmed', () => note('answered'))
    session.on('ended', () => note('ended'))
    session.on('failed', () => note('ended'))
    session.on('hold', ({ originator }: HoldEvent) => {
      if (isRemote(originator)) note('held by remote')
    })
    session.on('unhold', ({ originator }: HoldEvent) => {
      if (isRemote(originator)) note('resumed by remote')
    })
    session.on('newDTMF', ({ originator, dtmf }: IncomingDTMFEvent | OutgoingDTMFEvent) => {
      if (isRemote(originator)) note(`tone ${dtmf.tone}`)
    })
  }

  start(): void {
    this.#ua.start()
  }

  register(): void {
    this.#ua.register()
  }

  unregister(): void {
    this.#ua.unregister()
  }

  call(user: string): void {
    this.#ua.call(`sip:${user}@${sipDomain}`, { mediaConstraints: { audio: true, video: false } })
  }

  answer(): void {
    this.#session.answer({ mediaConstraints: { audio: true, video: false } })
  }

  reject(): void {
    this.#session.terminate({ status_code: 486 })
  }

  hangUp(): void {
    this.#session.terminate()
  }

  hold(): void {
    this.#session.hold({}, () => this.diary.note('held by local'))
  }

  resume(): void {
    this.#session.unhold({}, () => this.diary.note('resumed by local'))
  }

  sendInfo(tone: string): void {
    this.#session.sendDTMF(tone)
  }

  sendTones(tones: string): void {
    this.#session.sendDTMF(tones, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 })
  }

  get peer(): unknown {
    return this.#session.connection
  }

  stop(): void {
    this.#ua.stop()
  }
}
