import { skipped, type Check, type Finding } from '../finding.ts'
import { checkFinding, configFinding, sipFinding, webhookFinding } from './doors.ts'
import { pageChecks } from './pages.ts'
import { socketFinding, streamFinding } from './streams.ts'
import { transportChecks } from './transport.ts'
import type { Credentials } from '../hub/socket.ts'

export interface DeploymentExamination extends Credentials {
  readonly url: URL
  /** Name or id of a PBX that clients may ask for. */
  readonly upstream?: string | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Looks at a whole deployment from outside, as browsers, phones and providers meet it. */
export async function* examineDeployment(
  examination: DeploymentExamination,
): AsyncGenerator<Check> {
  const { url, now } = examination
  const isReached = yield* transportChecks(url, now)
  if (!isReached) {
    yield { check: 'rest', ...skipped('nothing more can be seen before this is repaired') }
    return
  }
  yield* pageChecks(url)
  for (const [check, look] of doors) yield { check, ...(await look(examination)) }
}

type Look = (examination: DeploymentExamination) => Promise<Finding>

const doors: readonly (readonly [check: string, look: Look])[] = [
  ['/ws', ({ url, ...each }) => socketFinding(url, each)],
  ['/events', ({ url, ...each }) => streamFinding(url, each)],
  ['/api/ws/check', ({ url, ...each }) => checkFinding(url, each)],
  ['/webhooks', ({ url }) => webhookFinding(url)],
  ['/api/config', ({ url, upstream }) => configFinding(url, upstream)],
  [
    '/api/sip-check',
    ({ url, upstream, origin, token }) => sipFinding(url, { upstream, origin, token }),
  ],
]
