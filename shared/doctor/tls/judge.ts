import { isFor, issuerUrls } from '../../tls-trust/index.ts'
import { fault, type Finding } from '../finding.ts'
import { inOneLine, namesOf } from './certificate.ts'
import { signedItself } from './chain.ts'
import type { Completed } from './complete.ts'
import type { Place } from './place.ts'
import type { X509Certificate } from 'node:crypto'

/** What is wrong with a chain, everything of it and each by itself. @param now Unix milliseconds */
export function faultsOf(chain: Completed, place: Place, now: number): Finding[] {
  const [leaf] = chain.path
  return [
    chainFault(chain, place),
    ...dateFaults(chain, place, now),
    nameFault(leaf!, place),
  ].filter((each) => each !== null)
}

function chainFault(chain: Completed, { name }: Place): Finding | null {
  const { sent, found, end } = chain
  if (sent.end === 'system') return null
  const top = sent.path.at(-1)!
  if (sent.end === 'self' && sent.path.length === 1) {
    return fault(
      'upstream_self_signed',
      `The certificate of ${name} is signed by itself: no authority answers for it`,
      'Give the PBX one of an authority (Let’s Encrypt), or trust its key by a pin.',
    )
  }
  const intermediates = found.filter((each) => !signedItself(each))
  const isAlone = sent.path.length === 1 && found.length === 0
  if (sent.end === 'open' && (intermediates.length > 0 || isAlone)) {
    return incomplete(chain, name)
  }
  const root = end === 'self' ? chain.path.at(-1)! : top
  return fault(
    'upstream_issuer_unknown',
    `The chain of ${name} is complete, but leads to the private authority '${inOneLine(end === 'self' ? root.subject : root.issuer)}', which is not trusted here`,
    'Trust its root: tls: { trust: extraCa, ca: [root.pem] }; the people who run that authority have it.',
  )
}

function incomplete({ sent, found, trouble }: Completed, name: string): Finding {
  const top = sent.path.at(-1)!
  const missing = found.filter((each) => !signedItself(each)).map((each) => each.subject)
  const names = missing.length > 0 ? missing : [top.issuer]
  const [url] = issuerUrls(top)
  const where = url === undefined ? '' : ` (${url.href})`
  const not = trouble === null ? '' : `; it could not be fetched: ${trouble}`
  return fault(
    'upstream_chain_incomplete',
    `${name} sends its certificate without that of '${names.map(inOneLine).join("' and '")}'${where}${found.length > 0 ? '' : not}`,
    'Let the PBX send the full chain; some browsers fetch what is missing and hide this, Node never does.',
  )
}

function dateFaults({ path }: Completed, { name }: Place, now: number): Finding[] {
  return path.flatMap((certificate, index) => {
    const whose = index === 0 ? `of ${name}` : `of its issuer '${inOneLine(certificate.subject)}'`
    const { validFromDate, validToDate } = certificate
    if (validToDate.getTime() < now) {
      return fault(
        'upstream_certificate_expired',
        `The certificate ${whose} expired on ${day(validToDate)}, ${days(now - validToDate.getTime())} ago`,
        'Renew it at the PBX and let the PBX load it: no setting of ours makes up for it.',
      )
    }
    if (validFromDate.getTime() <= now) return []
    return fault(
      'upstream_certificate_early',
      `The certificate ${whose} is valid only from ${validFromDate.toISOString()}, and here it is ${new Date(now).toISOString()}`,
      "Compare the clocks: date -u here and at the PBX; timedatectl set-ntp true sets this machine's.",
    )
  })
}

function nameFault(leaf: X509Certificate, { name, servername }: Place): Finding | null {
  if (isFor(leaf, servername)) return null
  const names = namesOf(leaf)
  const whole = names.find((each) => !each.includes('*')) ?? 'a.name.it.covers'
  const has = names.length > 0 ? `for ${names.join(', ')}` : 'without any name (subjectAltName)'
  return fault(
    'upstream_name_mismatch',
    `The certificate of ${name} is not for ${servername}, but ${has}`,
    names.length > 0
      ? `Call the PBX by one of these names, or say which one to expect: tls: { servername: ${whole} }.`
      : 'Get one with the name of the PBX as subjectAltName.',
  )
}

const dayMs = 86_400_000

function day(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10)
}

function days(ms: number): string {
  const whole = Math.floor(ms / dayMs)
  return whole === 1 ? '1 day' : `${whole} days`
}
