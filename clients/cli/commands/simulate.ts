import { providers, type Provider } from '@switchhook/shared/providers'
import { choiceFlag, integerFlag, urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { exitCodes, UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { paint, type Output } from '../output.ts'
import { localUrl } from './local-url.ts'
import { describe, playCalls, type Stage } from '../sample-calls.ts'

const maxCalls = 10_000

/** Plays a provider: signed webhooks of whole calls, to any endpoint. */
export const simulate = command({
  summary: "Sends a provider's signed webhooks for sample calls to an endpoint.",
  flags: {
    provider: {
      type: 'string',
      value: '<name>',
      description: 'Whose webhooks.',
      default: 'telnyx',
    },
    url: {
      type: 'string',
      value: '<url>',
      description: 'The webhook endpoint; that of HOST and PORT if not given.',
    },
    calls: { type: 'string', value: '<n>', description: 'How many calls.', default: '1' },
    pace: {
      type: 'string',
      value: 'fast|human',
      description: 'As fast as the endpoint answers, or as slowly as people are.',
      default: 'human',
    },
    'private-key': {
      type: 'string',
      value: '<key>',
      description: 'Signs the webhooks; better given as TELNYX_PRIVATE_KEY.',
    },
    'new-key': {
      type: 'boolean',
      description: 'Print a fresh pair of keys for the endpoint and for here, and send nothing.',
    },
  },
  async run({ flags, environment, out }) {
    const names = providers.map(({ name }) => name)
    const provider = providerOf(choiceFlag('provider', flags.provider, names))
    const keyName = privateKeyName(provider)
    if (flags['new-key']) return printKeys(provider, out)
    const interrupted = new AbortController()
    const stage: Stage = {
      provider,
      url: urlFlag('url', flags.url ?? localUrl(environment, `/webhooks/${provider.name}`), [
        'http:',
        'https:',
      ]),
      privateKey: usableKey(provider, flags['private-key'] ?? environment[keyName]),
      pace: choiceFlag('pace', flags.pace, ['fast', 'human']),
      signal: interrupted.signal,
      delivered: (receipt, event) =>
        out.result(
          `${paint('green', String(receipt.status))}  ${receipt.outcome}  ${describe(event)}  ${receipt.tookMs} ms`,
          { ...receipt, event: event?.type },
        ),
    }
    const calls = integerFlag('calls', flags.calls, [1, maxCalls])
    const stopListening = onInterruption(() => interrupted.abort())
    await playCalls(stage, calls)
    stopListening()
    return exitCodes.ok
  },
})

function providerOf(name: string): Provider {
  return providers.find((provider) => provider.name === name)!
}

function privateKeyName({ name }: Provider): string {
  return `${name.toUpperCase()}_PRIVATE_KEY`
}

function usableKey(provider: Provider, key: string | undefined): string {
  const keyName = privateKeyName(provider)
  const advice = 'simulate --new-key prints a fresh pair of keys'
  if (!key) throw new UsageError(`--private-key or ${keyName} is required; ${advice}`)
  try {
    provider.simulator.sign(Buffer.of(), key, 0)
    return key
  } catch {
    throw new UsageError(`--private-key or ${keyName} is no private key; ${advice}`)
  }
}

function printKeys(provider: Provider, out: Output): number {
  const { publicKey, privateKey } = provider.simulator.newKeyPair()
  const keys = { [provider.credentialName]: publicKey, [privateKeyName(provider)]: privateKey }
  const lines = Object.entries(keys).map(([name, key]) => `${name}=${key}`)
  out.result(lines.join('\n'), keys)
  return exitCodes.ok
}
