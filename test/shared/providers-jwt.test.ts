import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import jsonwebtoken from 'jsonwebtoken'
import { SignJWT } from 'jose'
import { test } from 'tap'
import {
  claimsOf,
  keyOfSecret,
  payloadOf,
  proveToken,
  refuseOutdated,
  signToken,
} from '../../shared/providers/jwt.ts'
import { tokenAccepted } from '../kit/providers/dialpad.ts'

const secret = 'a-secret-that-is-32-characters-long'
const key = keyOfSecret(secret)
const where = 'authorization'
const plainHeader = { alg: 'HS256', typ: 'JWT' }

function prove(token: string, keys = [key]) {
  return proveToken(token, { keys, where })
}

/** A token with any header, signed by SHA-256 over whatever it is. */
function tokenOf(header: unknown, payload: unknown = {}, signingSecret = secret): string {
  const signed = [header, payload].map(encoded).join('.')
  return `${signed}.${createHmac('sha256', signingSecret).update(signed).digest('base64url')}`
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

test('what we sign, jose and jsonwebtoken accept, and the other way round', async (t) => {
  const claims = fc.dictionary(fc.string(), fc.jsonValue()).map((any) => {
    const { exp: _exp, nbf: _nbf, iat: _iat, ...rest } = any
    return JSON.parse(JSON.stringify(rest)) as Record<string, unknown>
  })
  const property = fc.asyncProperty(claims, async (said) => {
    const payload = Buffer.from(JSON.stringify(said))
    const ours = signToken(key, payload)
    const theirs = [
      jsonwebtoken.sign(payload.toString(), secret, { algorithm: 'HS256' }),
      await new SignJWT(said).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret)),
    ]
    const proven = theirs.map((token) => prove(token))
    return (
      (await tokenAccepted(ours, secret)) &&
      proven.every((verdict) => verdict.ok && verdict.payload.equals(payload)) &&
      payloadOf(ours)?.equals(payload) === true
    )
  })
  await fc.assert(property, { numRuns: 500 })
  t.pass('500 payloads')
})

test('no flipped bit of a token passes', async (t) => {
  const token = signToken(key, Buffer.from('{"sub":"1"}'))
  for (let at = 0; at < token.length * 8; at++) {
    const bytes = Buffer.from(token)
    bytes[at >> 3]! ^= 1 << (at & 7)
    if (prove(bytes.toString('latin1')).ok) t.fail(`bit ${at}`)
  }
  t.pass('every bit')
})

test('spare bits, padding and white space are another spelling, and refused', async (t) => {
  const token = signToken(key, Buffer.from('{}'))
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = letters[letters.indexOf(token.slice(-1)) + 1]!
  t.match(prove(token.slice(0, -1) + last), { code: 'bad_signature' })
  t.match(prove(`${token}=`), { code: 'malformed_header' })
  t.match(prove(` ${token}`), { code: 'malformed_header' })
  t.match(prove(`${token}\n`), { code: 'malformed_header' })
})

test('only HS256 is an algorithm', async (t) => {
  for (const alg of ['none', 'nOnE', 'HS384', 'HS512', 'RS256', 'hs256', '']) {
    t.match(prove(tokenOf({ alg })), { code: 'alg_not_allowed', args: [alg] })
  }
  const [header, payload] = [encoded({ alg: 'none' }), encoded({})]
  t.match(prove(`${header}.${payload}.`), { code: 'alg_not_allowed' })
  t.match(prove(tokenOf({ alg: 'x'.repeat(5000) })), { code: 'alg_not_allowed', args: [/^x{32}$/] })
  for (const alg of [undefined, null, 256, ['HS256'], { alg: 'HS256' }]) {
    t.match(prove(tokenOf({ alg })), { code: 'malformed_header', args: [where] })
  }
})

test('an extension that must be understood is refused, whatever it is', async (t) => {
  for (const crit of [['x-unknown'], ['b64'], [], null, 'exp']) {
    t.match(prove(tokenOf({ ...plainHeader, crit, b64: false })), { code: 'malformed_header' })
  }
})

test('keys that a token brings or names are not looked at', async (t) => {
  const rogue = 'a-rogue-secret-of-32-characters-xx'
  const jwk = { kty: 'oct', k: Buffer.from(rogue).toString('base64url') }
  for (const more of [{ jwk }, { kid: '../../dev/null' }, { jku: 'https://rogue.test/keys' }]) {
    t.match(prove(tokenOf({ ...plainHeader, ...more }, {}, rogue)), { code: 'bad_signature' })
    t.match(prove(tokenOf({ ...plainHeader, ...more })), { ok: true })
  }
  t.match(prove(tokenOf(plainHeader, {}, '')), { code: 'bad_signature' })
})

test('a signature of another length is wrong and never throws', async (t) => {
  const signed = [plainHeader, {}].map(encoded).join('.')
  for (const bytes of [0, 1, 31, 33, 64]) {
    const signature = Buffer.alloc(bytes, 7).toString('base64url')
    t.match(prove(`${signed}.${signature}`), { code: 'bad_signature' })
  }
})

test('what has no three parts, or no header, is malformed', async (t) => {
  const [header, payload] = [encoded(plainHeader), encoded({})]
  const wrong = [
    '',
    '.',
    '..',
    'a.b',
    `${header}.${payload}`,
    `${header}.${payload}.a.b`,
    `.${payload}.a`,
  ]
  for (const token of [
    ...wrong,
    tokenOf([]),
    tokenOf('HS256'),
    tokenOf(null),
    `e30.${payload}.a`,
  ]) {
    t.match(prove(token), { code: 'malformed_header', args: [where] }, token)
  }
  const long = tokenOf({ ...plainHeader, kid: 'x'.repeat(9000) })
  t.match(prove(long), { code: 'malformed_header' }, 'too long')
})

test('each key is tried, and the one that matches is named', async (t) => {
  const other = 'another-secret-of-32-characters-xx'
  const keys = [key, keyOfSecret(other)]
  t.match(prove(tokenOf(plainHeader, {}, other), keys), { ok: true, credential: 1 })
  t.match(prove(tokenOf(plainHeader), keys), { ok: true, credential: 0 })
  t.match(prove(tokenOf(plainHeader), []), { code: 'bad_signature' })
})

test('a token ends at its exp and begins at its nbf', async (t) => {
  const outdated = (claims: object) => refuseOutdated({ ...claims }, 1_000_999, where)
  t.equal(outdated({}), null)
  t.equal(outdated({ exp: 1001, nbf: 1000 }), null)
  t.match(outdated({ exp: 1000 }), { code: 'token_expired', args: [0] })
  t.match(outdated({ exp: 900 }), { code: 'token_expired', args: [100] })
  t.match(outdated({ nbf: 1001 }), { code: 'timestamp_in_future', args: [1] })
  for (const exp of ['1001', null, {}, true, Infinity]) {
    t.match(outdated({ exp }), { code: 'malformed_header', args: [where] })
  }
})

test('claims are the fields of an object, ids digit for digit', async (t) => {
  t.strictSame(claimsOf(Buffer.from('{"id":12345678901234567890}')), { id: '12345678901234567890' })
  for (const text of ['', '[]', 'null', '7', 'not json']) {
    t.equal(claimsOf(Buffer.from(text)), null)
  }
})
