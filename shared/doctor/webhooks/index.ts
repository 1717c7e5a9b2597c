import { answerFinding } from './answers.ts'
import { ourAnswer, type Answer, type OurAnswer, type Outcome } from '../answer.ts'
import { clockFinding, refusedFor, skewOf } from './clock.ts'
import { fragileJson } from './encodings.ts'
import { fault, fine, type Finding } from '../finding.ts'
import { refusalFinding } from './refusals.ts'
import { sampleFor, sampleName } from './samples.ts'
import { expectedUrl, isInternal, otherUrls, urlVariable, type Place } from './signed-urls.ts'
import { unreachable } from '../unreachable.ts'
import type { Provider, SignedDelivery } from '../../providers/index.ts'

/** Brings a delivery to this URL, follows nothing, and never throws. */
export type Send = (url: string, delivery: SignedDelivery) => Promise<Outcome>

/** An endpoint to be examined, and what is known about it here. */
export interface Examined {
  readonly provider: Provider
  readonly place: Place
  /** What deliveries are signed with; null if that is not known here. */
  readonly signingKey: string | null
  readonly settings: object
  /** Unix milliseconds. */
  readonly now: () => number
  readonly send: Send
}

/** An examination under way. */
interface Examination extends Examined {
  readonly key: string
  readonly content: Buffer
}

/** What a sample is signed for, and how long ago. */
interface Signing {
  readonly content?: Buffer
  readonly url?: string
  readonly ageSeconds?: number
}

type Problem = OurAnswer & { kind: 'problem' }
type Verdict =
  | { readonly kind: 'taken'; readonly status: string; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly answer: Answer }
  | { readonly kind: 'other'; readonly finding: Finding }

const mismatches = new Set(['bad_signature', 'bad_secret', 'body_hash_mismatch'])
/** Old enough for every verifier that looks. */
const staleSeconds = 3_600

/**
 * Sends a signed sample as the provider would, and finds out what is wrong if it is refused. Of the samples one at most
 * is taken, so at most one event comes of it.
 */
export async function examineWebhooks(examined: Examined): Promise<Finding> {
  const key = examined.signingKey ?? examined.provider.simulator.newKeys().signingKey
  const content = sampleFor(examined.provider, examined.now())
  const examination = { ...examined, key, content }
  const first = await attempt(examination, { content: fragile(examination) ?? content })
  if (first.kind === 'other') return first.finding
  if (first.kind === 'taken') return taken(examination, first)
  const { problem, answer } = first
  if (problem.code.startsWith('timestamp_')) {
    const skew = skewOf(problem, answer)
    if (skew) return refusedFor(skew)
  }
  if (!mismatches.has(problem.code)) return refusalFinding(problem, named(examination))
  return examined.signingKey === null
    ? keyless(examination, problem)
    : mismatch(examination, problem)
}

/** The sample in the form that survives least; null where the body is no JSON, or its bytes are not signed. */
function fragile(examination: Examination): Buffer | null {
  const draft = fragileJson(examination.content)
  if (!draft || !signed(examination, { content: draft }).body.equals(draft)) return null
  return differ(examination, [{ content: draft }, {}], inHeaders) ? draft : null
}

const inHeaders = ({ headers }: SignedDelivery): unknown => headers

/** Whether something of the request, or all of it, depends on what differs between two signings. */
function differ(
  examination: Examination,
  signings: readonly [Signing, Signing],
  part = ({ headers, body }: SignedDelivery): unknown => [headers, body.toString('base64')],
): boolean {
  const frozen = { ...examination, now: () => 1e12 }
  const [one, other] = signings.map((each) => JSON.stringify(part(signed(frozen, each))))
  return one !== other
}

function signed(
  { provider, place, key, settings, content, now }: Examination,
  { url = place.url, ageSeconds = 0, ...given }: Signing,
): SignedDelivery {
  const nowSeconds = Math.floor(now() / 1000) - ageSeconds
  const signing = { signingKey: key, nowSeconds, url, settings }
  return provider.simulator.sign(given.content ?? content, signing)
}

async function attempt(examination: Examination, signing: Signing): Promise<Verdict> {
  const { place, provider, send } = examination
  const delivery = signed(examination, signing)
  // A signer may add to the query of the URL.
  const url = new URL(place.url)
  url.search = new URL(delivery.url).search || url.search
  const outcome = await send(url.href, delivery)
  if ('failure' in outcome) {
    return { kind: 'other', finding: unreachable(outcome.failure, place.url) }
  }
  const ours = ourAnswer(outcome)
  if (ours?.kind === 'taken') return { ...ours, answer: outcome }
  if (ours?.kind === 'problem' && ours.status === 401) {
    return { kind: 'refused', problem: ours, answer: outcome }
  }
  const { credentialName } = provider
  return { kind: 'other', finding: answerFinding(outcome, { url: place.url, credentialName }) }
}

async function isTaken(examination: Examination, signing: Signing): Promise<boolean> {
  return (await attempt(examination, signing)).kind === 'taken'
}

async function taken(
  examination: Examination,
  { status }: Verdict & { kind: 'taken' },
): Promise<Finding> {
  const clock = await clockOf(examination)
  if (clock.finding) return clock.finding
  if (status === 'quarantined') {
    return fine(
      'quarantined',
      'proven, but the service could not read the sample and put it aside',
      'This command and the service seem to be of different versions.',
    )
  }
  const proven = [
    'the key',
    ...(signedUrl(examination) === null ? [] : ['the URL']),
    ...(fragile(examination) ? ['the body'] : []),
    ...(clock.isSigned ? ['the clock'] : []),
  ]
  return fine('ok', `accepted: right are ${proven.join(', ')}; it shows as ${sampleName}`)
}

/** Asks what the service's clock says by signing something long ago, which it must refuse with its age. */
async function clockOf(
  examination: Examination,
): Promise<{ isSigned: boolean; finding: Finding | null }> {
  const nothing = { isSigned: false, finding: null }
  // Else it would be a second sample, taken like the first.
  if (!differ(examination, [{}, { ageSeconds: staleSeconds }])) return nothing
  const stale = await attempt(examination, { ageSeconds: staleSeconds })
  if (stale.kind !== 'refused' || stale.problem.code !== 'timestamp_too_old') return nothing
  const skew = skewOf(stale.problem, stale.answer, staleSeconds)
  return { isSigned: true, finding: skew && clockFinding(skew) }
}

/** A throwaway key was refused, as it must be. */
async function keyless(examination: Examination, problem: Problem): Promise<Finding> {
  const { credentialName, simulator } = examination.provider
  const clock = await clockOf(examination)
  if (clock.finding) return clock.finding
  return fine(
    problem.code,
    `reached: the path is right${clock.isSigned ? ', so is the clock' : ''}, and a throwaway key is refused, as it must be; ${credentialName} itself is not proven`,
    `To prove more, set ${simulator.signingKeyName}, or play a call with simulate --private-key.`,
  )
}

/** Tells a changed body from another URL, and both from another key. */
async function mismatch(examination: Examination, problem: Problem): Promise<Finding> {
  const asked = named(examination)
  if (problem.code === 'body_hash_mismatch') return bodyChanged(problem.detail)
  if (fragile(examination)) {
    if (await isTaken(examination, {})) {
      return bodyChanged('compact JSON arrives as it was sent, pretty-printed JSON does not')
    }
    // No encoder makes anything else of this, whatever it does with spaces, keys and letters.
    if (await isTaken(examination, { content: Buffer.from('{}') })) {
      return bodyChanged('not even compact JSON arrives as it was sent')
    }
  }
  const variable = signedUrl(examination)
  if (variable !== null) {
    for (const url of otherUrls(examination.place)) {
      const verdict = await attempt(examination, { url })
      if (verdict.kind === 'taken') return otherUrl(examination, url, variable)
      if (verdict.kind === 'other') return verdict.finding
    }
  }
  return refusalFinding({ ...problem, code: 'wrong_key' }, asked)
}

function bodyChanged(how: string): Finding {
  return fault(
    'body_changed',
    `something on the way changes bodies: ${how}`,
    'Let the proxy, firewall or gateway pass request bodies on byte by byte.',
  )
}

function otherUrl({ place, provider }: Examination, url: string, variable: string): Finding {
  const { url: called } = place
  if (url === expectedUrl(place) && isInternal(called)) {
    return fine('ok', `accepted: ${provider.name} signs ${url}, which the service expects`)
  }
  return fault(
    'wrong_public_url',
    `the provider signs the URL it calls: that is ${called}, and the service takes itself for ${url}`,
    `Set ${variable}=${called}, or for an app of its own PUT {"publicUrl":"${called}"}.`,
  )
}

/** The variable with the URL that the provider signs; null if it signs none. */
function signedUrl(examination: Examination): string | null {
  const variable = urlVariable(examination.provider)
  if (variable === null) return null
  return differ(examination, [{}, { url: `${examination.place.url}/` }]) ? variable : null
}

function named(examination: Examination): Parameters<typeof refusalFinding>[1] {
  const { credentialName, simulator } = examination.provider
  const { signingKeyName } = simulator
  return { credentialName, signingKeyName, urlName: signedUrl(examination) }
}
