import type { MappingKey } from './contract.ts'

/** E-mail addresses and SIP hosts are written in any case; only a provider user belongs to a provider. */
export function canonicalKey({ kind, provider, value }: MappingKey): MappingKey {
  return {
    kind,
    provider: kind === 'provider_user' ? provider : null,
    value: canonicalValue(value),
  }
}

/** A value as it is stored and looked for. */
export function canonicalValue(value: string): string {
  return value.includes('@') ? value.toLowerCase() : value
}

/** A canonical key as one text. */
export function textOf({ kind, provider, value }: MappingKey): string {
  return `${kind}\n${provider ?? ''}\n${value}`
}
