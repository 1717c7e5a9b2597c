import { providers, type Provider } from '@switchhook/shared/providers'
import { choiceFlag } from '../arguments.ts'

const names = providers.map(({ name }) => name)

/** `--provider <name>` of the commands that play one. */
export const providerFlag = {
  type: 'string',
  value: '<name>',
  description: `Whose webhooks: ${names.join(' or ')}.`,
  default: 'telnyx',
} as const

/** `--provider <names>` of the commands that look at several. */
export const providersFlag = {
  type: 'string',
  value: '<names>',
  description: `Whose webhooks, with commas between: ${names.join(', ')}; those with a key in this environment if not given.`,
} as const

/** @throws UsageError unless it is the name of a provider */
export function providerNamed(text: string): Provider {
  const name = choiceFlag('provider', text, names)
  return providers.find((provider) => provider.name === name)!
}

/** @throws UsageError unless they are names of providers with commas between */
export function providersNamed(text: string): Provider[] {
  const chosen = new Set(text.split(',').map((name) => name.trim()))
  return Array.from(chosen, providerNamed)
}
