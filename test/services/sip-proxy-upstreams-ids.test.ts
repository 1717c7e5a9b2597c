import assert from 'node:assert/strict'
import t from 'tap'
import * as fc from 'fast-check'
import { anchored } from '../../services/sip-proxy/upstreams/pattern.ts'
import { hostile, inherited } from './sip-proxy-upstreams-hostile.ts'
import { finderOf } from '../../services/sip-proxy/upstreams/find.ts'
import { fill, readTemplate, type Template } from '../../services/sip-proxy/upstreams/template.ts'
import type { Route, Target, Upstream } from '../../services/sip-proxy/upstreams/contract.ts'

const upstream: Upstream = {
  name: 'phantom',
  auth: 'optional',
  missingOrigin: 'refuse',
  allowPrivate: false,
  trust: { trust: 'system' },
  servername: null,
  origin: null,
  maxSockets: 1,
  contactHost: null,
  app: null,
}

function templateOf(text: string): Template {
  const read = readTemplate(text)
  if (!read.ok) throw new Error(read.reason)
  return read.template
}

const inHost = templateOf('wss://server1-{id}.phantomapi.net:8089/ws')
const inPath = templateOf('wss://pbx.example:8443/ws/{id}/sip')
const inQuery = templateOf('ws://pbx.example/ws?tenant={id}')
const templates = [inHost, inPath, inQuery]

function finderWith(match: string) {
  const sipDomain = 'server1-{id}.phantomapi.net'
  return finderOf([{ upstream, match: anchored(match), templates, sipDomain }])
}

/** An id as the report of a test can hold it. */
const inAscii = (id: string): string => encodeURI(id.slice(0, 80).toWellFormed())

/** What of a target is not as it is configured, as another parser of URLs understands it. */
function outside(target: Target | null, template: Template): string[] {
  if (!target) return []
  const url = new URL(target.url)
  const { secure, host, port, path } = template
  const laws = {
    scheme: url.protocol === (secure ? 'wss:' : 'ws:') && target.secure === secure,
    port: target.port === port && Number(url.port || (secure ? 443 : 80)) === port,
    nothingElse: url.username + url.password + url.hash === '',
    host: isWithin(target.host, host) && /^[a-z0-9._-]+$/.test(target.host),
    sameHost: url.hostname === target.host,
    path: isWithin(target.path, path),
    samePath: url.pathname + url.search === target.path,
  }
  return Object.entries(laws).flatMap(([law, holds]) => (holds ? [] : [`${law}: ${target.url}`]))
}

/** Whether all is there that stands around `{id}`. */
function isWithin(text: string, around: string): boolean {
  const [before = '', after] = around.split('{id}')
  return after === undefined
    ? text === before
    : text.startsWith(before) && text.endsWith(after) && text.length >= before.length + after.length
}

const filledOutside = (id: string): string[] =>
  templates.flatMap((template) => outside(fill(template, id), template))

function routedOutside(route: Route | null, id: string): string[] {
  if (!route) return []
  const isPlain = /^[A-Za-z0-9._-]{1,64}$/.test(id) && route.id === id
  return [
    ...(isPlain ? [] : [`id: ${id}`]),
    ...(route.sipDomain === `server1-${id}.phantomapi.net` ? [] : [`domain: ${route.sipDomain}`]),
    ...route.targets.flatMap((target, index) => outside(target, templates[index]!)),
  ]
}

t.test('of hostile ids the usual match lets none through', (t) => {
  t.ok(hostile.length > 60)
  t.equal(new Set(hostile).size, hostile.length)
  const find = finderWith('^[0-9]{1,6}$')
  for (const id of hostile) t.equal(find(id), null, inAscii(id))
  t.ok(find('388'))
  t.ok(find('000000'))
  t.equal(find('0000000'), null)
  t.end()
})

t.test('a match is asked for the whole id, whatever it says of ends', (t) => {
  for (const match of ['[0-9]', '^[0-9]', '[0-9]$', '1|2', '^1|2$', '(?:1|)', '(?m:^1$)']) {
    const find = finderWith(match)
    t.ok(find('1'), match)
    for (const id of ['1x', 'x1', '11', '1\n', '1\nx', 'x\n1']) t.equal(find(id), null, match)
  }
  t.end()
})

t.test('of hostile ids a match of anything lets through what stays where it was put', (t) => {
  for (const match of ['.*', '[^]*', '(?:.|\\n)*', '.*|']) {
    const find = finderWith(match)
    for (const id of hostile) t.equal(find(id), null, inAscii(id))
    for (const id of inherited) {
      t.ok(find(id), id)
      t.strictSame(routedOutside(find(id), id), [])
    }
  }
  t.end()
})

t.test(
  'a filled target is refused unless it says the id where it was put, and nothing else',
  (t) => {
    for (const id of [...hostile, ...inherited]) t.strictSame(filledOutside(id), [])
    t.equal(fill(inHost, '1@evil'), null)
    t.equal(fill(inHost, 'x.evil.com/#'), null)
    t.equal(fill(inHost, '1:6379/?'), null)
    t.equal(fill(inHost, '%31'), null)
    t.equal(fill(inHost, 'ｅ'), null)
    t.equal(fill(inPath, '..'), null)
    t.equal(fill(inPath, '%2e%2e'), null)
    t.equal(fill(inPath, '1\n'), null)
    t.equal(fill(inQuery, 'a#b'), null)
    t.equal(fill(inHost, null), null, 'nothing to fill it with')
    t.end()
  },
)

const pieces = fc.oneof(
  fc.constantFrom(...[...hostile, ...inherited].filter((id) => id.length < 40)),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 20 }),
  fc.domain(),
  fc.webUrl(),
)
const anyId = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))

t.test('whatever is asked for, nothing leads elsewhere', (t) => {
  const find = finderWith('[^]*')
  fc.assert(
    fc.property(anyId, (id) => {
      assert.deepEqual(routedOutside(find(id), id), [])
      assert.deepEqual(filledOutside(id), [])
    }),
    { numRuns: 5_000 },
  )
  t.end()
})

t.test('every plain id that a match allows is found, as it is', (t) => {
  const find = finderWith('[^]*')
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/), (id) => {
      const [host, path, query] = find(id)?.targets ?? []
      assert.equal(host?.host, `server1-${id.toLowerCase()}.phantomapi.net`)
      assert.equal(path?.url, `wss://pbx.example:8443/ws/${id}/sip`)
      assert.equal(query?.path, `/ws?tenant=${id}`)
    }),
  )
  t.end()
})
