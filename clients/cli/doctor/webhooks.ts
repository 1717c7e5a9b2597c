import { ask, examineWebhooks, fault, sampleName, type Finding } from '@switchhook/shared/doctor'
import { providers, type Provider } from '@switchhook/shared/providers'
import { urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { isEndpointOf, placeOf, type Given } from './endpoint.ts'
import { lineOf } from './report.ts'
import { isConfigured, patientOf, signingKeyOf, type Patient } from './patients.ts'

import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { providersFlag, providersNamed } from '../flags/provider.ts'
import type { Environment } from '@switchhook/shared/config'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Sends each provider's signed sample to its endpoint and says what is wrong. */
export const doctorWebhooks = command({
  summary: 'Sends a signed sample per provider to its endpoint and names what is wrong.',
  flags: {
    url: {
      type: 'string',
      value: '<url>',
      description:
        'What the provider calls: the endpoint, or its base; that of PUBLIC_URL, or of HOST and PORT, if not given.',
    },
    provider: providersFlag,
    app: {
      type: 'string',
      value: '<uuid>',
      description: "Another app than the first; the environment's keys must then be that app's.",
    },
  },
  async run({ flags, environment, out }) {
    const { app } = flags
    if (app !== undefined && !uuid.test(app)) throw new UsageError(`--app '${app}' is not a UUID`)
    const url = flags.url === undefined ? undefined : urlFlag('url', flags.url, ['http:', 'https:'])
    const chosen = flags.provider === undefined ? null : providersNamed(flags.provider)
    const patients = patientsOf(chosen, url, environment)
    out.say(`Each sample is a provider.event called ${sampleName}; it will show in the console.`)
    const given: Given = { url, app, environment }
    const findings: (Finding & { provider: string })[] = []
    for (const patient of patients) {
      const finding = await examine(patient, given)
      findings.push({ provider: patient.provider.name, ...finding })
      out.say(lineOf(patient.provider.name, finding))
    }
    if (out.json) out.result('', findings)
    return findings.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed
  },
})

/** Whom the URL or the flag names, else whoever has a key here. @throws Failure if nobody is left */
function patientsOf(
  chosen: readonly Provider[] | null,
  url: URL | undefined,
  environment: Environment,
): Patient[] {
  const owner = url && providers.find(({ name }) => isEndpointOf(url, name))
  const named = chosen ?? (owner ? [owner] : null)
  const patients = (named ?? providers).map((provider) => patientOf(provider, environment))
  const examined = named ? patients : patients.filter(isConfigured)
  if (examined.length > 0) return examined
  const names = providers.map(({ credentialName }) => credentialName)
  throw new Failure(
    'no provider is configured in this environment',
    `Set ${names.join(' or ')}, or name one with --provider.`,
  )
}

async function examine(patient: Patient, given: Given): Promise<Finding> {
  const { provider, credentials, settings } = patient
  const reason = credentials.map((each) => provider.checkCredential(each)).find((each) => each)
  if (reason) {
    return fault(
      'invalid_credential',
      `${provider.credentialName}: ${reason}`,
      'The service does not start with it.',
    )
  }
  return examineWebhooks({
    provider,
    place: placeOf(patient, given),
    signingKey: signingKeyOf(patient),
    settings,
    now: Date.now,
    send: ask,
  })
}
