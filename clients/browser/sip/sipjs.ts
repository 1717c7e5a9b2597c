import { addressOf, fixedUrl, isRenewed, socketUrl, type Account } from './account.ts'
import type { SipConfig } from './config.ts'

/** What SIP.js's transport is here: it reads `server` whenever it connects. */
interface Transport {
  readonly server: string
  connect(): Promise<void>
  disconnect(): Promise<void>
}

/** What is needed of SIP.js. */
interface Library<Uri, Constructor> {
  readonly UserAgent: { makeURI(uri: string): Uri | undefined }
  readonly Web: { readonly Transport: Constructor }
}

interface Options<Uri, Constructor> {
  uri: Uri
  authorizationUsername: string
  authorizationPassword: string
  displayName?: string
  transportConstructor: Constructor
  transportOptions: { server: string }
}

/** Options for `new UserAgent(…)`, or the `userAgentOptions` of others. @param library SIP.js itself, all of it */
export function sipjsOptions<Uri, Constructor>(
  library: Library<Uri, Constructor>,
  config: SipConfig,
  account: Account,
): Options<Uri, Constructor> {
  const { Transport: Plain } = library.Web
  return {
    // It is one: addressOf makes nothing else.
    uri: library.UserAgent.makeURI(addressOf(account, config))!,
    authorizationUsername: account.user,
    authorizationPassword: account.password,
    ...(account.name && { displayName: account.name }),
    transportConstructor: isRenewed(account) ? renewing(Plain, { config, account }) : Plain,
    transportOptions: { server: fixedUrl(config, account) },
  }
}

/** A transport that asks for another address whenever it connects. */
function renewing<Constructor>(
  Plain: Constructor,
  { config, account }: { config: SipConfig; account: Account },
): Constructor {
  class Renewing extends (Plain as new (...args: unknown[]) => Transport) {
    #server = config.wssServerUrl
    #turn = 0

    override get server(): string {
      return this.#server
    }

    override async connect(): Promise<void> {
      const mine = (this.#turn += 1)
      const server = await socketUrl(config, account)
      if (mine !== this.#turn) throw new Error('called off')
      this.#server = server
      await super.connect()
    }

    override disconnect(): Promise<void> {
      this.#turn += 1
      return super.disconnect()
    }
  }
  return Renewing as Constructor
}
