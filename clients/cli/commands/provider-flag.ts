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

/** @throws UsageError unless it is the name of a provider */
export function providerNamed(text: string): Provider {
  const name = choiceFlag('provider', text, names)
  return providers.find((provider) => provider.name === name)!
}
