import { defaultSettings, providers, type Provider } from '@switchhook/shared/providers'
import { choiceFlag, integerFlag, urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { exitCodes, UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { paint, type Output } from '../output.ts'
import { placeOf } from '../doctor/endpoint.ts'
import { patientOf } from '../doctor/patients.ts'
import { localUrl } from '../flags/local-url.ts'
import { providerFlag, providerNamed } from '../flags/provider.ts'
import { describe, playCalls, type Stage } from '../sample-calls.ts'
import type { Environment } from '@switchhook/shared/config'
import type { Place } from '@switchhook/shared/doctor'

const maxCalls = 10_000
const signingKeyNames = providers.map(({ simulator }) => simulator.signingKeyName)

/** Plays a provider: signed webhooks of whole calls, to any endpoint. */
export const simulate = command({
  summary: "Sends a provider's signed webhooks for sample calls to an endpoint.",
  flags: {
    provider: providerFlag,
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
      description: `Signs the webhooks; better given as ${signingKeyNames.join(' or ')}.`,
    },
    'new-key': {
      type: 'boolean',
      description: 'Print fresh keys for the endpoint and for here, and send nothing.',
    },
  },
  async run({ flags, environment, out }) {
    const provider = providerNamed(flags.provider)
    if (flags['new-key']) return printKeys(provider, out)
    const patient = patientOf(provider, environment)
    const given =
      flags.url === undefined ? undefined : urlFlag('url', flags.url, ['http:', 'https:'])
    const local = localUrl(environment, `/webhooks/${provider.name}`)
    const place = placeOf(patient, { url: undefined, app: undefined, environment })
    const interrupted = new AbortController()
    const stage: Stage = {
      provider,
      url: given ?? new URL(local),
      calledUrl: calledUrlOf(place, given),
      settings: patient.settings,
      signingKey: signingKeyOf(provider, flags['private-key'], environment),
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

/** What the endpoint is configured to be called, if this environment says so; else where it is. */
function calledUrlOf({ configuredUrl, publicUrl, url }: Place, given: URL | undefined): string {
  const configured = configuredUrl !== undefined || publicUrl !== undefined
  return configured || !given ? url : given.href
}

/** The environment may hold several, as the suite takes them during a rotation: the first one signs. */
function signingKeyOf(
  provider: Provider,
  flag: string | undefined,
  environment: Environment,
): string {
  const { simulator } = provider
  const either = `--private-key or ${simulator.signingKeyName}`
  const advice = 'simulate --new-key prints fresh keys'
  const [key] = (flag ?? environment[simulator.signingKeyName] ?? '').split(',', 1)
  if (!key) throw new UsageError(`${either} is required; ${advice}`)
  try {
    const settings = defaultSettings(provider)
    simulator.sign(Buffer.of(), {
      signingKey: key,
      nowSeconds: 0,
      url: 'http://localhost',
      settings,
    })
    return key
  } catch {
    throw new UsageError(`${either} is no key to sign with; ${advice}`)
  }
}

function printKeys({ credentialName, simulator }: Provider, out: Output): number {
  const { credential, signingKey } = simulator.newKeys()
  const keys = { [credentialName]: credential, [simulator.signingKeyName]: signingKey }
  const lines = Object.entries(keys).map(([name, key]) => `${name}=${key}`)
  out.result(lines.join('\n'), keys)
  return exitCodes.ok
}
