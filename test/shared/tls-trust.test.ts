import { X509Certificate } from 'node:crypto'
import { setDefaultCACertificates } from 'node:tls'
import t from 'tap'
import { spkiPin, type Trust } from '@switchhook/shared/tls-trust'
import {
  makeAuthority,
  selfSigned,
  serveTls,
  type Authority,
  type Identity,
} from '../kit/certificates/index.ts'
import { until } from '../kit/until.ts'
import { attempt, refusalOf } from './tls-trust-attempt.ts'

const day = 86_400_000
const now = Date.now()
const past = { notBefore: new Date(now - 9 * day), notAfter: new Date(now - day) }
const future = { notBefore: new Date(now + day), notAfter: new Date(now + 9 * day) }
const aia = 'http://ca.example.com/intermediate.der'

const wellKnown = await makeAuthority('Well-known')
const own = await makeAuthority('Own')
const other = await makeAuthority('Other')
setDefaultCACertificates([wellKnown.root])

const system: Trust = { trust: 'system' }
const insecure: Trust = { trust: 'insecure' }
const extra = (...ca: string[]): Trust => ({ trust: 'extraCa', ca })
const pinOf = (cert: string): string => spkiPin(new X509Certificate(cert))
const pinned = (...certs: string[]): Trust => ({ trust: 'pin', pins: certs.map(pinOf) })

const sending = (identity: Identity, ...chain: string[]): Identity => ({ ...identity, chain })

/** What each trust says: of the system, of the root, of the intermediate, of the key. */
type Verdicts = readonly [string, string, string, string]

const ok = 'trusted'
const incomplete = 'upstream_chain_incomplete'
const unknown = 'upstream_issuer_unknown'
const self = 'upstream_self_signed'
const expired = 'upstream_certificate_expired'
const early = 'upstream_certificate_early'
const mismatch = 'upstream_name_mismatch'

const trustsOf = (authority: Authority, { cert }: Identity): readonly Trust[] => [
  system,
  extra(authority.root),
  extra(authority.intermediate),
  pinned(cert),
]

async function states(authority: Authority): Promise<Record<string, Identity>> {
  const good = await authority.issue({ aia })
  const { cert } = good
  const { root, intermediate } = authority
  const wrong = await authority.issue({ names: ['other.example.com'] })
  return {
    'the full chain': good,
    'the full chain and the root': sending(good, cert, intermediate, root),
    'the chain in wrong order': sending(good, cert, root, intermediate),
    'the leaf alone': sending(good, cert),
    'the leaf and an intermediate of others': sending(good, cert, other.intermediate),
    'the leaf and the root': sending(good, cert, root),
    'an expired leaf': await authority.issue(past),
    'a leaf of tomorrow': await authority.issue(future),
    'a leaf for another name': wrong,
    'a leaf for another name alone': sending(wrong, wrong.cert),
    'a leaf that signed itself': await selfSigned(),
    'an expired leaf that signed itself': await selfSigned(past),
  }
}

const privateVerdicts: Record<string, Verdicts> = {
  'the full chain': [unknown, ok, ok, ok],
  'the full chain and the root': [unknown, ok, ok, ok],
  'the chain in wrong order': [unknown, ok, ok, ok],
  'the leaf alone': [incomplete, incomplete, ok, ok],
  'the leaf and an intermediate of others': [incomplete, incomplete, ok, ok],
  'the leaf and the root': [incomplete, incomplete, ok, ok],
  'an expired leaf': [expired, expired, expired, expired],
  'a leaf of tomorrow': [early, early, early, early],
  'a leaf for another name': [unknown, mismatch, mismatch, mismatch],
  'a leaf for another name alone': [incomplete, incomplete, mismatch, mismatch],
  'a leaf that signed itself': [self, self, self, ok],
  'an expired leaf that signed itself': [expired, expired, expired, expired],
}

/** As far as they differ from those of a private authority. */
const publicVerdicts: Record<string, Verdicts> = {
  'the full chain': [ok, ok, ok, ok],
  'the full chain and the root': [ok, ok, ok, ok],
  'the chain in wrong order': [ok, ok, ok, ok],
  'a leaf for another name': [mismatch, mismatch, mismatch, mismatch],
}

for (const [kind, authority, verdicts] of [
  ['a private authority', own, privateVerdicts],
  ['an authority of the system', wellKnown, { ...privateVerdicts, ...publicVerdicts }],
] as const) {
  const identities = await states(authority)
  for (const [state, expected] of Object.entries(verdicts)) {
    t.test(`${kind}, ${state}: only who is trusted hears a word`, async (t) => {
      const identity = identities[state]!
      const server = await serveTls(t, identity)
      const found = []
      for (const trust of trustsOf(authority, identity)) found.push(await attempt(server, trust))
      t.strictSame(found, expected)
      await until(() => server.open === 0)
      t.equal(server.received, 'hello'.repeat(expected.filter((verdict) => verdict === ok).length))
      t.equal(await attempt(server, insecure), ok, 'whoever is trusted unseen')
    })
  }
}

t.test('another certificate on the same host is refused', async (t) => {
  const mine = await own.issue()
  const server = await serveTls(t, await other.issue())
  t.equal(await attempt(server, system), unknown)
  t.equal(await attempt(server, extra(own.root)), unknown)
  t.equal(await attempt(server, extra(own.intermediate)), unknown)
  t.equal(await attempt(server, extra(own.root, own.intermediate)), unknown)
  t.equal(await attempt(server, pinned(mine.cert)), 'upstream_pin_mismatch')
  const same = await serveTls(t, await own.issue({ names: ['neighbour.example.com'] }))
  t.equal(await attempt(same, extra(own.root, own.intermediate)), mismatch)
  await until(() => server.open + same.open === 0)
  t.equal(server.received + same.received, '')
})

t.test('what is given stands beside the authorities of the system', async (t) => {
  const server = await serveTls(t, await wellKnown.issue())
  t.equal(await attempt(server, extra(own.root)), ok)
})

t.test('a certificate that signed itself is trusted once it is given', async (t) => {
  const identity = await selfSigned()
  const server = await serveTls(t, identity)
  t.equal(await attempt(server, extra(identity.cert)), ok)
  t.equal(await attempt(server, extra(identity.cert), { servername: 'pbx.example.com' }), mismatch)
})

t.test('a leaf that is given itself does not vouch for others', async (t) => {
  const identity = await own.issue()
  const server = await serveTls(t, await own.issue())
  t.equal(await attempt(server, extra(identity.cert)), unknown)
})

t.test('errors say what a person needs to know', async (t) => {
  const [leaf, old, unborn, wrong, self] = await Promise.all([
    own.issue({ aia }),
    own.issue(past),
    own.issue(future),
    own.issue({ names: ['a.example.com', '*.b.example.com', '192.0.2.1'] }),
    selfSigned(),
  ])
  const told = async (identity: Identity, trust: Trust): Promise<string> => {
    const server = await serveTls(t, identity)
    const error = await refusalOf(server, trust)
    return `${error?.message} | ${error?.fix}`.replaceAll(String(server.port), 'PORT')
  }
  const second = (date: Date): string => date.toISOString().replace(/\.\d+Z/, 'Z')
  const full = extra(own.root)
  t.equal(
    await told(sending(leaf, leaf.cert), system),
    `localhost:PORT sends its certificate without that of the issuer 'Own Intermediate' (to be had at ${aia}) | ` +
      'Let the PBX send the full chain, or give us what is missing: switchhook doctor tls wss://localhost:PORT prints the setting.',
  )
  t.match(
    await told(leaf, system),
    "The certificate of localhost:PORT leads to the issuer 'Own Root', which is not trusted here | ",
  )
  t.match(
    await told(self, system),
    `The certificate of localhost:PORT is signed by itself | Trust its key: tls: { trust: pin, pins: ['${pinOf(self.cert)}'] }.`,
  )
  t.match(
    await told(old, full),
    `The certificate of localhost:PORT expired on ${second(past.notAfter)} |`,
  )
  t.match(
    await told(unborn, full),
    `The certificate of localhost:PORT is valid only from ${second(future.notBefore)} |`,
  )
  t.match(
    await told(wrong, full),
    'The certificate of localhost:PORT is not for localhost, but for a.example.com, *.b.example.com, 192.0.2.1 |',
  )
  t.match(
    await told(wrong, pinned(self.cert)),
    `The key of localhost:PORT is none of its pins, but ${pinOf(wrong.cert)} |`,
  )
})

t.test('an error calls the peer as the caller does', async (t) => {
  const server = await serveTls(t, await own.issue())
  const error = await refusalOf(server, system, { peer: 'pbx.example.com:8089' })
  t.match(error?.message, 'The certificate of pbx.example.com:8089 leads to')
})
