/** What of a call names a user. */
export type MappingKind = 'provider_user' | 'phone_number' | 'sip_user'

/** What is mapped to whom. */
export interface NewMapping {
  readonly kind: MappingKind
  /** The provider of a provider user; null otherwise. */
  readonly provider: string | null
  /** The provider's id or e-mail address of the user; E.164 with +; `1001` or `1001@pbx.example`. */
  readonly value: string
  /** Our user: the `sub` of the tokens. */
  readonly sub: string
  /** Its calls are shown to this team as well. */
  readonly team: string | null
}

export interface Mapping extends NewMapping {
  /** UUID. */
  readonly id: string
  /** RFC 3339. */
  readonly createdAt: string
}

/** Our user, as far as watching calls needs to know. */
export interface Mapped {
  readonly sub: string
  readonly team: string | null
}

/** Who is who, by app: in the store, and open in memory, where every event needs it. */
export interface Mappings {
  /** Changes with every change of what `of` answers. */
  readonly revision: number
  /** The user of a value, if one is mapped; `provider` matters for provider users only. */
  of(app: string, key: Pick<NewMapping, 'kind' | 'provider' | 'value'>): Mapped | undefined
  /** An app's mappings, oldest first. */
  list(app: string): readonly Mapping[]
  /** Maps, each value to one user: a value that was mapped before keeps its id and gets the new user. */
  put(app: string, given: readonly NewMapping[]): Promise<readonly Mapping[]>
  /** @returns whether there was one */
  remove(app: string, id: string): Promise<boolean>
  /** Reads what another process changed: one row, as long as nobody did. */
  refresh(): Promise<void>
}
