/** What of a call names a user. */
export type Kind = 'provider_user' | 'phone_number' | 'sip_user'

/** Whose a value is. */
export interface NewMapping {
  readonly kind: Kind
  /** Of a provider user; otherwise null. */
  readonly provider: string | null
  readonly value: string
  /** Our user: the `sub` of its tokens. */
  readonly sub: string
  readonly team: string | null
}

export interface Mapping extends NewMapping {
  readonly id: string
  /** RFC 3339: when it got its user. */
  readonly updatedAt: string
}

/** Who takes calls at a provider, and is nobody here. */
export interface Unmapped {
  readonly provider: string
  readonly value: string
  readonly name: string | null
  readonly email: string | null
  /** RFC 3339. */
  readonly lastSeenAt: string
}

/** Each kind in words, what its values look like, and what is wrong with others. */
export const kinds: Readonly<Record<Kind, KindWords>> = {
  provider_user: {
    title: 'Provider user',
    example: '5312445 or ann@shop.example',
    pattern: /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u,
    mistake: 'the value must be an id or e-mail address as the provider spells it',
  },
  phone_number: {
    title: 'Phone number',
    example: '+12025550131',
    pattern: /^\+[1-9]\d{5,14}$/,
    mistake: 'the number must begin with + and have digits only, as +12025550131',
  },
  sip_user: {
    title: 'SIP user',
    example: '1001 or 1001@pbx.example',
    pattern: /^[^\s\p{C}@:;?<>"]+(?:@[A-Za-z0-9.-]+|@\[[0-9A-Fa-f:.]+\])?$/u,
    mistake: 'the SIP user must be without sip: and port, as 1001 or 1001@pbx.example',
  },
}

interface KindWords {
  readonly title: string
  readonly example: string
  readonly pattern: RegExp
  readonly mistake: string
}

/** In the order they are offered. */
export const kindNames: readonly Kind[] = ['provider_user', 'phone_number', 'sip_user']

/** The mappings in which every word of the filter is found. */
export function selectMappings(mappings: readonly Mapping[], filter: string): readonly Mapping[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return mappings
  return mappings.filter((mapping) => {
    const text = textOf(mapping)
    return words.every((word) => text.includes(word))
  })
}

function textOf({ kind, provider, value, sub, team }: Mapping): string {
  return [kinds[kind].title, provider, value, sub, team].join(' ').toLowerCase()
}
