import { command } from '../command.ts'
import { playForever } from '../demo/forever.ts'
import { playOnce } from '../demo/once.ts'
import { startSuite, type Suite } from '../demo/suite.ts'
import { exitCodes } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { paint, type Output } from '../output.ts'
import { providerFlag, providerNamed } from '../flags/provider.ts'
import type { Stage } from '../sample-calls.ts'
import type { Environment } from '@switchhook/shared/config'
import { defaultSettings, type Provider } from '@switchhook/shared/providers'

/** Shows the suite at work: started, fed with signed webhooks over HTTP, open in the console. */
export const demo = command({
  summary: 'Starts the suite with an empty store and plays signed sample calls into it.',
  flags: {
    provider: providerFlag,
    once: {
      type: 'boolean',
      description: 'Play one call, check that every event arrives over WebSocket, and exit.',
    },
  },
  async run({ flags, environment, out }) {
    const { once } = flags
    const provider = providerNamed(flags.provider)
    const interrupted = new AbortController()
    const stopListening = onInterruption(() => interrupted.abort())
    try {
      await show({ provider, once, environment, out, signal: interrupted.signal })
    } catch (error) {
      // Ctrl-C is how the demo ends.
      if (!interrupted.signal.aborted) throw error
    } finally {
      stopListening()
    }
    return once && interrupted.signal.aborted ? exitCodes.failed : exitCodes.ok
  },
})

interface Show {
  readonly provider: Provider
  readonly once: boolean
  readonly environment: Environment
  readonly out: Output
  readonly signal: AbortSignal
}

async function show({ provider, once, environment, out, signal }: Show): Promise<void> {
  const { credential, signingKey } = provider.simulator.newKeys()
  const begun = performance.now()
  out.say('Starting the suite with an empty store …')
  const settings = { [provider.credentialName]: credential }
  const suite = await startSuite(environment, { settings, signal })
  const url = new URL(`/webhooks/${provider.name}`, suite.url)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  out.say(`Ready after ${seconds} s. Calls go, signed as ${provider.name} signs, to ${url.href}\n`)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const stage: Stage = {
    provider,
    url,
    calledUrl: url.href,
    signingKey,
    settings: defaultSettings(provider),
    pace: 'human',
    signal: either,
    delivered() {},
  }
  try {
    const play = once
      ? playOnce(suite, { ...stage, pace: 'fast' }, out)
      : announce(suite, out).then(() => playForever(stage, out))
    await Promise.race([play, suite.ended])
  } finally {
    over.abort()
    if (!once) out.say('\nStopping …')
    await suite.stop()
  }
}

async function announce({ url, token }: Suite, out: Output): Promise<void> {
  const page = await fetch(url).catch(() => null)
  await page?.body?.cancel()
  if (page?.status !== 200) {
    out.say('The console is not built yet: npx -y pnpm@12 build')
  }
  const link = `${url.origin}/#token=${token}`
  out.result(`  Open  ${paint('bold', link)}\n`, { url: link })
  out.say('  Ctrl-C stops everything and removes its data.\n')
}
