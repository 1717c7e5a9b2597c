/** What an app's endpoint of a provider verifies with. */
export interface ProviderCredentials {
  /** All of them are accepted, so that one can replace another without a gap. */
  readonly credentials: readonly string[]
  /** The provider's settings, such as `publicUrl` or `scheme`. */
  readonly settings: Readonly<Record<string, unknown>>
  /** RFC 3339, UTC, milliseconds. */
  readonly updatedAt: string
}

/** Apps' credentials of providers: sealed in the store, open in memory, where every delivery needs them. */
export interface Credentials {
  /** Changes with every change of what `of` answers. */
  readonly revision: number
  of(app: string, provider: string): ProviderCredentials | undefined
  /** Replaces what the app had. */
  put(
    app: string,
    provider: string,
    given: Omit<ProviderCredentials, 'updatedAt'>,
  ): Promise<ProviderCredentials>
  /** @returns whether there was anything */
  remove(app: string, provider: string): Promise<boolean>
  /** Reads what another process changed: one row, as long as nobody did. */
  refresh(): Promise<void>
}
