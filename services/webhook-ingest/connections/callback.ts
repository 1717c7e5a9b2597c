import { DialpadFailure } from './dialpad/failure.ts'
import { redeem } from './dialpad/tokens.ts'
import { failedPage, incompletePage, pages, type Page } from './pages.ts'
import { provider, type Parts } from './parts.ts'
import type { Return } from './consents.ts'
import type { Keeper } from './keeper.ts'

/** A browser that Dialpad sent back. */
export interface Callback {
  readonly query: Readonly<Record<string, unknown>>
  /** The header. */
  readonly cookies: string | undefined
  readonly ip: string
}

/** RFC 6749 §4.1.2.1; other words are not repeated. */
const errorWord = /^[a-z_]{1,40}$/

/** Makes a connection of what Dialpad answered to somebody whose consent was under way. */
export async function conclude(
  { app, verifier, target }: Return,
  { query: { code, error }, ip }: Callback,
  { keeper, ...parts }: Parts & { readonly keeper: Keeper },
): Promise<Page> {
  const { audit, client, directory, log, now } = parts
  const record = (action: string, detail: Readonly<Record<string, unknown>>) =>
    audit.record({ app, action, actor: 'link', ip, target: provider, detail })
  if (error !== undefined) {
    const word = typeof error === 'string' && errorWord.test(error) ? error : 'unknown'
    await record('connection.refused', { error: word })
    return word === 'access_denied' ? pages.denied : failedPage(`Dialpad says: ${word}`)
  }
  if (!isCode(code) || !(await directory.find(app))?.active) return pages.unknownState
  try {
    const grant = await redeem(client(), { code, verifier }, { nowMs: now() })
    const { status, reason } = await keeper.connect(app, grant, target)
    await record('connection.connected', { status })
    return status === 'connected' ? pages.connected : incompletePage(reason!, status === 'expired')
  } catch (failure) {
    if (!(failure instanceof DialpadFailure)) throw failure
    log.warn({ app, provider, reason: failure.message }, 'connection not made')
    await record('connection.failed', { reason: failure.message })
    return failure.kind === 'revoked' ? pages.staleCode : failedPage(failure.message)
  }
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 2_048
}
