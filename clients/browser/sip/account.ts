import type { SipConfig } from './config.ts'

type Source = string | (() => string | Promise<string>)

/** Whose phone it is. */
export interface Account {
  readonly user: string
  readonly password: string
  /** Shown to who is called. */
  readonly name?: string
  /** In place of the upstream's `sipDomain`. */
  readonly domain?: string
  /** For an upstream that requires one: becomes a part of the socket's address. A function is asked for every socket. */
  readonly token?: Source
  /** The same with one from `POST /api/ws/ticket`, which is good for one socket. */
  readonly ticket?: () => string | Promise<string>
}

/** `sip:user@domain`. @throws if nobody says which domain */
export function addressOf({ user, domain }: Account, { sipDomain }: SipConfig): string {
  const host = domain ?? sipDomain
  if (!host) throw new Error('the upstream has no sipDomain: give a domain')
  return `sip:${encodeURIComponent(user)}@${host}`
}

/** Whether each socket needs an address of its own. */
export function isRenewed({ token, ticket }: Account): boolean {
  return !!ticket || typeof token === 'function'
}

/** The address of the next socket; both libraries can say who they are nowhere else. */
export async function socketUrl({ wssServerUrl }: SipConfig, account: Account): Promise<string> {
  const { token, ticket } = account
  if (ticket) return withSecret(wssServerUrl, 'ticket', await ticket())
  return withSecret(wssServerUrl, 'token', typeof token === 'function' ? await token() : token)
}

/** The address, with a token that stays the same. */
export function fixedUrl({ wssServerUrl }: SipConfig, { token }: Account): string {
  return withSecret(wssServerUrl, 'token', typeof token === 'string' ? token : '')
}

function withSecret(address: string, name: string, secret: string | undefined): string {
  if (!secret) return address
  const url = new URL(address)
  url.searchParams.set(name, secret)
  return url.href
}
