import { placeholder } from './schema.ts'
import type { Target } from './contract.ts'

/** A target as it is written: `{id}` may stand in its host, before a domain, and in its path. */
export interface Template {
  readonly secure: boolean
  /** In lower case, IPv6 in brackets. */
  readonly host: string
  readonly port: number
  /** Path and query. */
  readonly path: string
  /** Whether an id has to be filled in. */
  readonly open: boolean
}

type Read =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly reason: string }

const form =
  /^(?<scheme>wss?):\/\/(?<host>\[[0-9a-f:.]+\]|(?:[a-z0-9._-]|\{id\})+)(?::(?<port>\d{1,5}))?(?<path>[/?][\x21-\x7e]*)?$/i

/** What a host is, once it is filled. */
const host = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/
/** Behind an id a domain must come, or the id would choose it. */
const openHost = /^(?:[a-z0-9._-]|\{id\})*\.[a-z0-9-]*[a-z][a-z0-9-]*$/
const defaultPorts: Readonly<Record<string, number>> = { ws: 80, wss: 443 }

/** Reads a target, or says what is wrong with it. */
export function readTemplate(text: string): Read {
  const groups = form.exec(text)?.groups
  if (!groups) return { ok: false, reason: whyNot(text) }
  const scheme = groups['scheme']!.toLowerCase()
  const template = {
    secure: scheme === 'wss',
    host: lowered(groups['host']!),
    port: Number(groups['port'] ?? defaultPorts[scheme]),
    path: pathOf(groups['path']),
    open: text.includes(placeholder),
  }
  const reason = unusable(template)
  return reason === null ? { ok: true, template } : { ok: false, reason }
}

const lowered = (text: string): string => text.toLowerCase()

const pathOf = (text = '/'): string => (text.startsWith('/') ? text : `/${text}`)

function unusable(template: Template): string | null {
  const { port, path } = template
  if (port < 1 || port > 65_535) return 'has a port beyond 1 to 65535'
  if (path.includes('#')) return 'must not have a fragment'
  if (/[{}]/.test((template.host + path).replaceAll(placeholder, '')))
    return 'has only {id} to fill'
  if (template.host.includes(placeholder) && !openHost.test(template.host)) {
    return 'needs a domain of its own behind {id}, or the id would choose the host'
  }
  return fill(template, template.open ? 'a' : null) ? null : spelling(template)
}

/** Written in another way than URLs are: what is compared with would never be the same. */
function spelling(template: Template): string {
  const url = URL.parse(written(template, 'a'))
  return url ? `is not spelt as URLs are: ${url.href}` : 'is not a URL'
}

/** The commonest things that a target cannot have. */
function whyNot(text: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? []
  if (/^(?:tcp|udp|tls)$/i.test(scheme)) {
    return `is not supported by this version: ${scheme}: targets, only ws:// and wss://`
  }
  if (!/^wss?$/i.test(scheme)) return 'must begin with wss:// or ws://'
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? ''
  if (authority.includes('@')) return 'must not have a user name or password'
  if (/:[^\]]*\{id\}/.test(authority)) return 'must not have {id} in its port'
  if (rest.includes('#')) return 'must not have a fragment'
  return 'must be wss:// or ws://, a host, perhaps a port, and a path, in ASCII'
}

function written({ secure, host: name, port, path }: Template, id: string | null): string {
  return `${secure ? 'wss' : 'ws'}://${put(name, id)}:${port}${put(path, id)}`
}

function put(text: string, id: string | null): string {
  // A function: in a text `$&` would stand for something.
  return id === null ? text : text.replaceAll(placeholder, () => id)
}

/**
 * The target with an id in the place of `{id}`; null unless a URL parser finds exactly that in it: the same scheme,
 * host, port and path, and nothing else. So whatever the id says, it says it there.
 */
export function fill(template: Template, id: string | null): Target | null {
  const url = URL.parse(written(template, id))
  if (!url || (template.open && id === null)) return null
  const scheme = template.secure ? 'wss' : 'ws'
  const target = {
    url: url.href,
    secure: template.secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || defaultPorts[scheme]),
    path: url.pathname + url.search,
  }
  const isSame =
    url.protocol === `${scheme}:` &&
    url.username + url.password + url.hash === '' &&
    url.hostname === lowered(put(template.host, id)) &&
    host.test(url.hostname) &&
    target.port === template.port &&
    target.path === put(template.path, id)
  return isSame ? target : null
}
