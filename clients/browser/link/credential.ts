type Source = string | (() => string | Promise<string>)

/** Who connects. Without any of it the address must say it (`?api_key=`): that is for programs. */
export interface CredentialOptions {
  /** A JWT; a function is asked for one before every attempt. */
  readonly token?: Source
  /** Asked for a fresh JWT before every attempt but the one that `token` is for, and before one expires. */
  readonly getToken?: () => string | Promise<string>
  /** From `POST /api/ws/ticket`, good for one connection; a function is asked for one before every attempt. */
  readonly ticket?: Source
}

/** Hands out what to connect with. */
export class Credentials {
  readonly #options: CredentialOptions
  #used = false

  constructor(options: CredentialOptions) {
    this.#options = options
  }

  /** A ticket goes into the address, a token among the subprotocols. */
  get isTicket(): boolean {
    return this.#options.ticket !== undefined
  }

  /** Whether there may be another one after this. */
  get renewable(): boolean {
    const { token, getToken = token, ticket = getToken } = this.#options
    return typeof ticket === 'function'
  }

  /** What to connect with now, '' for nothing. @throws what the page's own function throws */
  async obtain(): Promise<string> {
    const { token, getToken, ticket } = this.#options
    const source = ticket ?? ((this.#used && getToken) || token || getToken)
    this.#used = true
    return (typeof source === 'function' ? source() : source) ?? ''
  }

  /** A new token for an open connection; undefined if there is nobody to ask. @throws like `obtain` */
  async freshToken(): Promise<string | undefined> {
    const { token, getToken = token } = this.#options
    return typeof getToken === 'function' ? getToken() : undefined
  }
}
