import { ask } from '../ask.ts'
import { ourAnswer } from '../answer.ts'
import { fault, fine, skipped, type Finding } from '../finding.ts'
import { askCheck } from '../hub/check.ts'
import { below } from '../hub/place.ts'
import { objectIn } from '../json.ts'
import { printable } from '../printable.ts'
import { unreachable } from '../unreachable.ts'
import { answerFinding } from '../webhooks/answers.ts'
import type { Credentials } from '../hub/socket.ts'

/** Whether providers reach the webhook endpoints: what nobody signed has to be refused by us. */
export async function webhookFinding(base: URL): Promise<Finding> {
  const url = below(base, '/webhooks/telnyx').href
  const answer = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{}'),
  })
  if ('failure' in answer) return unreachable(answer.failure, url)
  const ours = ourAnswer(answer)
  if (ours?.kind === 'problem' && ours.status === 401) {
    return fine('ok', 'it is reached, and refuses what nobody signed')
  }
  if (ours?.kind === 'problem' && ours.code === 'provider_not_configured') {
    return skipped('it is reached, and Telnyx is not configured: doctor webhooks tries the others')
  }
  return answerFinding(answer, { url, credentialName: 'TELNYX_PUBLIC_KEY' })
}

/** What clients are told about where to connect their phones. */
export async function configFinding(base: URL, upstream: string | undefined): Promise<Finding> {
  if (upstream === undefined) return skipped('needs --upstream <name or id>')
  const url = below(base, '/api/config')
  url.searchParams.set('upstream', upstream)
  const answer = await ask(url.href)
  if ('failure' in answer) return unreachable(answer.failure, url.href)
  const { wssServerUrl } = objectIn(answer.body)
  if (typeof wssServerUrl === 'string')
    return fine('ok', `phones connect to ${printable(wssServerUrl)}`)
  return refusalIn(answer, url)
}

function refusalIn(answer: Parameters<typeof ourAnswer>[0], { pathname }: URL): Finding {
  const ours = ourAnswer(answer)
  if (ours?.kind === 'problem') return fault(ours.code, printable(ours.detail), ours.fix)
  const fix = `Let the proxy pass ${pathname} on to sip-proxy, with its path as it is.`
  return fault('not_switchhook', `${answer.status}: not an answer of Switchhook`, fix)
}

/** Whether the PBX is reached from the deployment, for a page of its own if nobody else is named. */
export async function sipFinding(
  base: URL,
  { upstream, ...credentials }: Credentials & { readonly upstream: string | undefined },
): Promise<Finding> {
  if (upstream === undefined) return skipped('needs --upstream <name or id>')
  const url = below(base, '/api/sip-check')
  url.searchParams.set('upstream', upstream)
  const { token, origin } = credentials
  const isNobody = token === undefined && origin === undefined
  const asked = isNobody ? { origin: base.origin } : credentials
  const { finding } = await askCheck(url, asked)
  // It may be called by another name here than by its pages.
  const isStrange = isNobody && finding.code.startsWith('origin_')
  return isStrange ? skipped('needs --origin or --token-file') : finding
}

/** What a page or a program would get that connects with these credentials. */
export async function checkFinding(base: URL, credentials: Credentials): Promise<Finding> {
  const { finding } = await askCheck(below(base, '/api/ws/check'), credentials)
  if (credentials.token !== undefined || finding.code !== 'auth_missing') return finding
  const whose = credentials.origin === undefined ? '' : ` for ${credentials.origin}`
  return fine('ok', `it answers${whose}: only the credential is missing`)
}
