import { faultIn, fault, fine, type Check, type Finding } from '../finding.ts'
import { describe, inOneLine, type Described } from './certificate.ts'
import { complete, type Completed } from './complete.ts'
import { faultsOf } from './judge.ts'
import { look, type Seen } from './look.ts'
import { placeOf, type Place, type Waiting } from './place.ts'
import { prove } from './prove.ts'
import { remedyFor, type Remedy } from './remedy.ts'
import { serverSide } from './server-side.ts'

export interface TlsExamination {
  /** `wss:` or `https:`. */
  readonly url: URL
  /** The name to ask for and to expect; that of the URL if not given. */
  readonly servername?: string
  /** Whether issuers may be fetched from addresses that are not public. */
  readonly allowPrivate: boolean
  /** Where the PEM of a setting will lie. */
  readonly caFile: string
  /** Unix milliseconds. */
  readonly now: () => number
  readonly signal?: AbortSignal
}

/** Of each connection. */
const timeoutMs = 5_000

/**
 * Says what is wrong with a server's TLS as the proxy meets it, everything of it, and with which setting the proxy connects
 * all the same: each setting was tried, with host name and dates checked.
 */
export async function* examineTls(examination: TlsExamination): AsyncGenerator<Check> {
  const place = placeOf(examination.url, examination.servername)
  const seen = await look(place, waitingIn(examination))
  if ('chain' in seen) {
    seen.socket.destroy()
    yield* connectionOf(seen, place)
    yield* seen.chain.map(certificateCheck)
    if (seen.chain.length > 0) yield* trustIn(seen, { ...examination, place })
  } else {
    yield { check: 'connection', ...seen }
  }
}

function waitingIn({ signal }: TlsExamination): Waiting {
  return { timeoutMs, ...(signal && { signal }) }
}

async function* trustIn(
  seen: Seen,
  examination: TlsExamination & { place: Place },
): AsyncGenerator<Check> {
  const { place, now } = examination
  const waiting = waitingIn(examination)
  const refusal = await prove(place, { trust: 'system' }, waiting)
  if (refusal === null) {
    yield { check: 'trust', ...trusted(seen, now()) }
    return
  }
  const chain = await complete(seen.chain, examination)
  const faults = faultsOf(chain, place, now())
  for (const each of faults.length > 0 ? faults : [faultIn(refusal)]) {
    yield { check: 'trust', ...each }
  }
  yield* chain.found.map(foundCheck)
  const remedy = await remedyFor(chain, { ...waiting, ...examination })
  yield remedy ? settingCheck(remedy) : { check: 'setting', ...noRemedy }
  yield* serverCheck(chain)
}

function* connectionOf({ protocol, address, chain }: Seen, { name }: Place): Generator<Check> {
  const old = ['SSLv3', 'TLSv1', 'TLSv1.1'].includes(protocol)
  const message = `${name} is ${address} and speaks ${protocol}`
  yield {
    check: 'connection',
    ...(old
      ? fault(
          'upstream_tls_failed',
          `${message} at most: nothing below TLS 1.2 is spoken any more`,
          'Let the PBX speak TLS 1.2 or 1.3: a newer version, or its setting of TLS methods (Kamailio: tls_method = TLSv1.2+).',
        )
      : fine('ok', message)),
  }
  if (chain.length > 0) return
  const anonymous = fault('upstream_tls_failed', `${name} sends no certificate`, 'Give it one.')
  yield { check: 'trust', ...anonymous }
}

function certificateCheck(
  certificate: Seen['chain'][number],
  index: number,
  { length }: Seen['chain'],
): Check {
  const described = describe(certificate)
  return {
    check: `sent ${index + 1} of ${length}`,
    ...fine('ok', inWords(described)),
    details: { ...described },
  }
}

function foundCheck(certificate: Seen['chain'][number]): Check {
  const described = describe(certificate)
  return { check: 'found', ...fine('ok', inWords(described)), details: { ...described } }
}

function inWords({ subject, issuer, from, to, names, pin }: Described): string {
  const whose = names.length > 0 ? `, for ${names.join(', ')}` : ''
  const days = `${from.slice(0, 10)} to ${to.slice(0, 10)}`
  return `'${subject}' by '${issuer}', ${days}${whose}; pin ${pin}`
}

const hourMs = 3_600_000
const soonHours = 14 * 24

function trusted({ chain }: Seen, now: number): Finding {
  const [leaf] = chain
  const hours = Math.floor((leaf!.validToDate.getTime() - now) / hourMs)
  const left = hours < 48 ? `${hours} more hours` : `${Math.floor(hours / 24)} more days`
  const message = `It is trusted as it is: '${inOneLine(leaf!.subject)}', for ${left}`
  return fine('ok', message, hours < soonHours ? 'Renew it soon.' : null)
}

function settingCheck({ setting, trust, pem, fingerprints }: Remedy): Check {
  const compare =
    fingerprints.length === 0
      ? null
      : `Nobody vouches for it but this connection: compare it with the owner of the PBX: ${fingerprints.join('; ')}.`
  return {
    check: 'setting',
    ...fine(
      'ok',
      'With this in SIP_UPSTREAMS_FILE the proxy connects, host name and dates checked',
      compare,
    ),
    details: { setting, trust, pem, fingerprints },
  }
}

const noRemedy = fault(
  'no_setting',
  'No setting of ours makes up for it',
  'Repair it at the PBX, or call it by another name.',
)

function* serverCheck(chain: Completed): Generator<Check> {
  const commands = serverSide(chain)
  if (commands.length === 0) return
  yield {
    check: 'server',
    ...fine('ok', 'Or, better, let the PBX send the full chain'),
    details: { commands },
  }
}
