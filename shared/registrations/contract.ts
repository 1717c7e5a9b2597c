/** A contact that a PBX took from a browser, as the sip-proxy between them saw it. */
export interface Registration {
  /** Of the binding: the same for whoever registers it again, on whatever connection. */
  readonly id: string
  /** UUID. */
  readonly app: string
  /** `sip:1001@pbx.example`. */
  readonly aor: string
  /** The `1001` of it; empty if it names a host alone. */
  readonly user: string
  /** The URI, as the browser sent it. */
  readonly contact: string
  /** `<urn:uuid:…>`. */
  readonly instance: string | null
  readonly userAgent: string | null
  /** Where the browser's socket comes from. */
  readonly address: string
  /** Name of the upstream. */
  readonly upstream: string
  /** The socket that it came over, unique over all processes. */
  readonly connection: string
  /** What the PBX granted. */
  readonly grantedSeconds: number
  /** RFC 3339. */
  readonly expiresAt: string
  /** RFC 3339: when this connection first registered it. */
  readonly registeredAt: string
}

/** What a process has to write; no id stands in it twice. */
export interface RegistrationChange {
  readonly node: string
  readonly kept: readonly Registration[]
  /** Ids; those that another process has taken over by now stay. */
  readonly gone: readonly string[]
}

/** Which registrations, and from where on. */
export interface RegistrationFilter {
  readonly app: string
  readonly aor?: string | undefined
  readonly upstream?: string | undefined
  readonly user?: string | undefined
  /** RFC 3339; what expired by then is none. */
  readonly now: string
  /** The last one of the page before. */
  readonly after?: Pick<Registration, 'registeredAt' | 'id'> | undefined
  readonly limit: number
}

/** A sip-proxy, as it last wrote of itself. */
export interface RegistrarNode {
  readonly id: string
  /** RFC 3339 by its own clock; one that lives moves it every few seconds. */
  readonly seenAt: string
}

/** What nobody needs any more. */
export interface RegistrationWaste {
  /** Processes that were killed, besides those that nothing is known of. */
  readonly gone: readonly string[]
  /** RFC 3339: registrations that were over already at this time. */
  readonly expiredSince: string
}

/** Who is registered, of all sip-proxies of a store. */
export interface Registrations {
  /** @returns whether the process was known; if not, others have removed what it wrote */
  beat(node: string, at: string): Promise<boolean>
  /** Writes all of it, or nothing. */
  write(change: RegistrationChange): Promise<void>
  /** The newest first. */
  list(filter: RegistrationFilter): Promise<readonly Registration[]>
  nodes(): Promise<readonly RegistrarNode[]>
  sweep(waste: RegistrationWaste): Promise<void>
  /** Removes a process that stops, with all it wrote. */
  leave(node: string): Promise<void>
}
