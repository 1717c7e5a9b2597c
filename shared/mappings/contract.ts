/** What of a call names a user. */
export type MappingKind = 'provider_user' | 'phone_number' | 'sip_user'

/** What is mapped: each to one user of an app. */
export interface MappingKey {
  readonly kind: MappingKind
  /** The provider of a provider user; null otherwise. */
  readonly provider: string | null
  /** The provider's id or e-mail address of the user; E.164 with +; `1001` or `1001@pbx.example`. */
  readonly value: string
}

/** Our user, as far as watching calls needs to know. */
export interface Mapped {
  /** The `sub` of its tokens. */
  readonly sub: string
  /** Its calls are shown to this team as well. */
  readonly team: string | null
}

/** What is mapped to whom. */
export interface NewMapping extends MappingKey, Mapped {}

export interface Mapping extends NewMapping {
  /** UUID. */
  readonly id: string
  /** RFC 3339. */
  readonly createdAt: string
  /** RFC 3339: when it got its user. */
  readonly updatedAt: string
}

/** Which mappings, and from where on. */
export interface MappingFilter {
  readonly kind?: MappingKind | undefined
  readonly provider?: string | undefined
  readonly value?: string | undefined
  readonly sub?: string | undefined
  /** The last one of the page before. */
  readonly after?: Pick<Mapping, 'createdAt' | 'id'> | undefined
  readonly limit: number
}

/** What became of mappings that were put. */
export interface Written {
  /** In the order they were given. */
  readonly mappings: readonly Mapping[]
  readonly created: number
  readonly changed: number
  readonly unchanged: number
}

/** Who is who, by app: in the store, and open in memory, where every event needs it. */
export interface Mappings {
  /** Changes with every change of what `of` answers. */
  readonly revision: number
  /** The user of a value, if one is mapped; `provider` matters for provider users only. */
  of(app: string, key: MappingKey): Mapped | undefined
  get(app: string, id: string): Promise<Mapping | null>
  /** An app's mappings, the newest first. */
  list(app: string, filter: MappingFilter): Promise<readonly Mapping[]>
  /**
   * Maps, all or none, each value to one user: a value that was mapped before keeps its id and gets the new user. No
   * value may be given twice. @returns null if the app would have more than it may have
   */
  put(app: string, given: readonly NewMapping[]): Promise<Written | null>
  /** Gives a mapping another user. @returns null if there is none */
  change(app: string, id: string, user: Mapped): Promise<Mapping | null>
  /** @returns whether there was one */
  remove(app: string, id: string): Promise<boolean>
  /** Reads what another process changed: one row, as long as nobody did. */
  refresh(): Promise<void>
  /** Has `listener` called after every change of what `of` answers. @returns what ends that */
  onChange(listener: () => void): () => void
}

/** A provider's user as events name it. */
export interface ProviderUser {
  readonly provider: string
  /** What is to be mapped: the provider's id of the user, or the e-mail address where there is no id. */
  readonly value: string
  readonly email: string | null
  readonly name: string | null
}

export interface SeenUser extends ProviderUser {
  /** RFC 3339. */
  readonly firstSeenAt: string
  readonly lastSeenAt: string
}

/** Which provider users, and from where on. */
export interface SeenFilter {
  /** The last one of the page before. */
  readonly after?: Pick<SeenUser, 'lastSeenAt' | 'provider' | 'value'> | undefined
  readonly limit: number
}

/** Provider users that were seen in events: 10,000 of an app, those that were seen last. */
export interface ProviderUsers {
  /** Notes that they were seen now, by app; of one that is named twice the last word. */
  note(seen: ReadonlyMap<string, readonly ProviderUser[]>): Promise<void>
  /** Those that are mapped to nobody, neither by id nor by e-mail address; who was seen last comes first. */
  unmapped(app: string, filter: SeenFilter): Promise<readonly SeenUser[]>
}
