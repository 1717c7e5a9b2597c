/** An origin that may connect, as the hub lists it. */
export interface Allowed {
  readonly origin: string
  readonly until: string | null
  readonly successor: string | null
  /** The setting it stands in. */
  readonly source: string
}

/** Text that lets an origin in, and where it goes. */
export interface Setting {
  readonly place: 'ALLOWED_ORIGINS' | 'ORIGINS_FILE'
  readonly text: string
}

/** What lets in an origin besides those that are in now: a line of the file if there is one, else the variable. */
export function settingFor(origin: string, allowed: readonly Allowed[]): Setting {
  if (allowed.some(({ source }) => source === 'ORIGINS_FILE')) {
    return { place: 'ORIGINS_FILE', text: origin }
  }
  const written = allowed.filter(({ source }) => source === 'ALLOWED_ORIGINS').map(inWords)
  return { place: 'ALLOWED_ORIGINS', text: `ALLOWED_ORIGINS=${[...written, origin].join(' ')}` }
}

/** Whether an entry could let it in: it is scheme, host and port, as browsers send them. */
export function isEntry(origin: string): boolean {
  return origin === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^\s;*/…]*$/.test(origin)
}

function inWords({ origin, until, successor }: Allowed): string {
  const end = until === null ? '' : `;until=${until}`
  return origin + end + (successor === null ? '' : `;successor=${successor}`)
}
