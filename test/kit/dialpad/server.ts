import { serve, type Answer, type Asked, type Told } from './http.ts'
import { DialpadApi } from './api.ts'
import { DialpadOAuth } from './oauth.ts'
import type { Test } from 'tap'

export { client } from './oauth.ts'

/** A server that speaks Dialpad's documented API, with a switch for each way it may fail. */
export class DialpadServer {
  readonly oauth: DialpadOAuth
  readonly api = new DialpadApi()
  /** `POST /oauth2/token` and the like, in their order. */
  readonly asked: string[] = []
  url = ''
  readonly #interventions = new Map<string, Told[]>()
  readonly #lookers = new Map<string, () => void>()
  readonly #lost = new Set<string>()
  readonly #mute = new Set<string>()

  private constructor(now: () => number) {
    this.oauth = new DialpadOAuth(now)
  }

  static async start(t: Test, now: () => number = Date.now): Promise<DialpadServer> {
    const server = new DialpadServer(now)
    server.url = await serve(t, (asked) => server.#answer(asked))
    return server
  }

  /** Answers the next such requests with this instead, one each. */
  next(request: string, ...told: Told[]): void {
    this.#interventions.set(request, told)
  }

  /** Calls this before such a request is looked at. */
  before(request: string, look: () => void): void {
    this.#lookers.set(request, look)
  }

  /** Does what the next such request asks for, and hangs up. */
  lose(request: string): void {
    this.#lost.add(request)
  }

  /** Leaves the next such request without an answer. */
  mute(request: string): void {
    this.#mute.add(request)
  }

  /** How often something was asked. */
  count(request: string): number {
    return this.asked.filter((one) => one === request).length
  }

  /** Opens the consent page as a browser does, and decides. @returns where that leads */
  async decide(authorizeUrl: string, decision: 'accept' | 'refuse'): Promise<URL> {
    const page = await (await fetch(authorizeUrl)).text()
    const [, name] = /name="page" value="([^"]+)"/.exec(page)!
    const response = await fetch(`${this.url}/oauth2/consent`, {
      method: 'POST',
      body: new URLSearchParams({ page: name!, decision }),
      redirect: 'manual',
    })
    return new URL(response.headers.get('location')!)
  }

  #answer(asked: Asked): Answer {
    const request = `${asked.method} ${asked.path}`
    this.asked.push(request)
    this.#lookers.get(request)?.()
    if (this.#mute.delete(request)) return 'silence'
    const instead = this.#interventions.get(request)?.shift()
    const told = instead ?? this.oauth.answer(asked) ?? this.#authorized(asked)
    return this.#lost.delete(request) ? 'hang up' : told
  }

  #authorized(asked: Asked): Told {
    const isKnown = this.oauth.grantOf(asked.headers.authorization) !== undefined
    return isKnown ? this.api.answer(asked) : { status: 401, body: {} }
  }
}
