import { environmentOf, type Configured } from '@switchhook/shared/doctor'
import { loadConfig, type Environment } from '@switchhook/shared/config'
import type { Provider } from '@switchhook/shared/providers'

/** A provider and what this environment says of it. */
export interface Patient extends Configured {
  readonly provider: Provider
}

/** The provider as this environment configures it. @throws ConfigError naming what cannot be read */
export function patientOf(provider: Provider, environment: Environment): Patient {
  // Misspelt names are told by `config check`; here other variables are none of our business.
  const known = Object.keys(environment)
  const loaded: unknown = loadConfig(environmentOf(provider), { environment, known })
  // A schema without a field leaves nothing behind.
  const { credentials, signingKeys, settings = {} } = loaded as Partial<Configured>
  return { provider, credentials: credentials!, signingKeys: signingKeys!, settings }
}

/** Whether the environment has a key of the provider. */
export function isConfigured({ credentials, signingKeys }: Configured): boolean {
  return credentials.length > 0 || signingKeys.length > 0
}

/** The key that signs: the first one that can, as the service signs and seals with the first. */
export function signingKeyOf({
  provider,
  credentials,
  signingKeys,
  settings,
}: Patient): string | null {
  const { simulator } = provider
  const isUsable = (signingKey: string): boolean => {
    try {
      const signing = { signingKey, nowSeconds: 0, url: 'http://localhost/', settings }
      simulator.sign(Buffer.from('{}'), signing)
      return true
    } catch {
      return false
    }
  }
  return [...signingKeys, ...credentials].find(isUsable) ?? null
}
