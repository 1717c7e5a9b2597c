import { Inviter, Web, type Session } from 'sip.js'
import { directionOf } from './media.ts'
import { passwordOf, sipDomain } from '../sip/accounts.ts'
import { Diary, type OpenPhone, type PhoneOptions } from './phone.ts'

/** A telephone of SIP.js, as its users write one. */
export class SipJsPhone implements OpenPhone {
  readonly user: string
  readonly diary = new Diary()
  readonly #manager: Web.SessionManager
  #session!: Session

  constructor({ user, url }: PhoneOptions) {
    this.user = user
    const { note } = this.diary
    this.#manager = new Web.SessionManager(url, {
      aor: `sip:${user}@${sipDomain}`,
      userAgentOptions: {
        authorizationUsername: user,
        authorizationPassword: passwordOf(user),
        logBuiltinEnabled: false,
        // Its own default asks a server of Google's.
        sessionDescriptionHandlerFactoryOptions: {
          peerConnectionConfiguration: { iceServers: [] },
        },
      },
      reconnectionAttempts: 10,
      reconnectionDelay: 1,
      registrationRetryInterval: 0.5,
      delegate: {
        onServerConnect: () => note('connected'),
        onServerDisconnect: (error) => note(`disconnected ${error?.message ?? ''}`),
        onRegistered: () => note('registered'),
        onUnregistered: () => note('unregistered'),
        onCallCreated: (session) => this.#follow(session),
        onCallReceived: ({ remoteIdentity }) => note(`call from ${remoteIdentity.uri.user}`),
        onCallAnswered: (session) => session instanceof Inviter && note('answered'),
        onCallHangup: () => note('ended'),
        onCallHold: (_, held) => note(held ? 'held by local' : 'resumed by local'),
        onCallDTMFReceived: (_, tone) => note(`tone ${tone}`),
      },
    })
  }

  #follow(session: Session): void {
    this.#session = session
    let change = 'answered'
    session.delegate = {
      ...session.delegate,
      onInvite({ body }) {
        change = directionOf(body) === 'sendonly' ? 'held by remote' : 'resumed by remote'
      },
      // Before that the other side's next offer would cross it (RFC 5407 §3.1.4), and one of its own would be refused.
      onAck: () => this.diary.note(change),
    }
  }

  /** What it cannot do is for the diary, as its users' error handlers are. */
  #try(done: Promise<unknown>): void {
    done.catch((error: Error) => this.diary.note(`failed ${error.message}`))
  }

  start(): void {
    this.#try(this.#manager.connect())
  }

  register(): void {
    this.#try(this.#manager.register())
  }

  unregister(): void {
    this.#try(this.#manager.unregister())
  }

  call(user: string): void {
    const requestDelegate = { onProgress: () => this.diary.note('ringing') }
    this.#try(this.#manager.call(`sip:${user}@${sipDomain}`, {}, { requestDelegate }))
  }

  answer(): void {
    this.#try(this.#manager.answer(this.#session))
  }

  reject(): void {
    this.#try(this.#manager.decline(this.#session))
  }

  hangUp(): void {
    this.#try(this.#manager.hangup(this.#session))
  }

  hold(): void {
    this.#try(this.#manager.hold(this.#session))
  }

  resume(): void {
    this.#try(this.#manager.unhold(this.#session))
  }

  sendInfo(tone: string): void {
    this.#try(this.#manager.sendDTMF(this.#session, tone))
  }

  sendTones(tones: string): void {
    this.#handler.sendDtmf(tones)
  }

  get peer(): unknown {
    return this.#handler.peerConnection
  }

  get #handler(): Web.SessionDescriptionHandler {
    return this.#session.sessionDescriptionHandler as Web.SessionDescriptionHandler
  }

  stop(): void {
    this.#try(this.#manager.disconnect())
  }
}
