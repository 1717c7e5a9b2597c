import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { temporaryDir } from '../kit/build.ts'
import { upstreamsMistakes } from '../../services/sip-proxy/upstreams/index.ts'

const settings = { allowInsecureUpstream: false, replicated: false }

function fileWith(t: Test, text: string, name = 'upstreams.yaml'): string {
  const path = join(temporaryDir(t), name)
  writeFileSync(path, text)
  return path
}

/** What is told of a text, without the path of its file. */
function told(t: Test, text: string, given = settings): string[] {
  const path = fileWith(t, text)
  const mistakes = upstreamsMistakes({ ...given, upstreamsFile: path })
  t.ok(mistakes.every(({ name }) => name === 'SIP_UPSTREAMS_FILE'))
  return mistakes.map(({ reason }) => reason.replace(`${path} `, ''))
}

/** One upstream with these values and what it needs besides. */
const one = (values: object): string =>
  stringify({ upstreams: [{ name: 'a', targets: ['wss://pbx.example/ws'], ...values }] })

t.test('every mistake of a file is told at once, with its line and its path', (t) => {
  const text = `upstreams:
  - name: phantom
    match: "[0-9"
    targets: ["wss://server-{id}.phantomapi.net:8089/ws"]
    tsl: {}
  - name: phantom
    targets:
      - "tcp:asterisk.internal:5060"
      - "wss://user:password@pbx.example/ws"
      - 7
    tls:
      trust: sytem
      pins: [sha256/short]
    auth: maybe
    maxSockets: 0
    allowPrivate: yes
    app: 00000000-0000-4000-8000-00000000000A
  - targets: []
    sipDomain: "{id}.example"
    origin: https://pbx.example/
    shadow: { target: "udp:genesys.internal:5060" }
upstream: []
`
  t.strictSame(told(t, text), [
    'line 3: upstreams[0].match is not a regular expression: Invalid regular expression: /[0-9/: Unterminated character class (example: ^[0-9]{1,6}$)',
    'line 5: upstreams[0].tsl is not known; did you mean tls?',
    'line 6: upstreams[1].name upstreams[0] is called "phantom" too',
    'line 8: upstreams[1].targets[0] is not supported by this version: tcp: targets, only ws:// and wss://, is "tcp:asterisk.internal:5060" (example: wss://pbx.example.com:8089/ws)',
    'line 9: upstreams[1].targets[1] must not have a user name or password, is "wss://user:password@pbx.example/ws" (example: wss://pbx.example.com:8089/ws)',
    'line 10: upstreams[1].targets[2] must be string, is 7',
    'line 12: upstreams[1].tls.trust must be one of system, extraCa, pin, insecure, is "sytem"',
    'line 13: upstreams[1].tls.pins[0] must be sha256/ and the 44 characters of a SHA-256 in base64, is "sha256/short"',
    'line 14: upstreams[1].auth must be one of optional, required, is "maybe"',
    'line 15: upstreams[1].maxSockets must be >= 1, is 0',
    'line 16: upstreams[1].allowPrivate must be boolean, is "yes"',
    'line 17: upstreams[1].app must be the id of an app: a UUID in lower case, is "00000000-0000-4000-8000-00000000000A" (example: 00000000-0000-4000-8000-000000000000)',
    'line 18: upstreams[2].name is missing (example: office)',
    'line 18: upstreams[2].targets must not be empty (example: ["wss://pbx.example.com:8089/ws"])',
    'line 19: upstreams[2].sipDomain has {id}, and needs a match that says which ids there are',
    'line 20: upstreams[2].origin must be an origin: a scheme and a host, without a path, is "https://pbx.example/" (example: https://pbx.example.com)',
    'line 21: upstreams[2].shadow is not supported by this version: remove it',
    'line 22: upstream is not known; did you mean upstreams?',
  ])
  t.end()
})

const pins = ['A', 'B'].map((letter) => `sha256/${letter.repeat(42)}A=`)

const kinds: readonly [what: string, values: object, mistake: RegExp][] = [
  [
    'tls at ws://',
    { targets: ['ws://a.example'], tls: {} },
    /targets\[0\] is ws:\/\/, where tls means nothing/,
  ],
  ['udp', { targets: ['udp:a:5060'] }, /not supported by this version: udp: targets/],
  ['tls targets', { targets: ['tls:a:5061'] }, /not supported by this version: tls: targets/],
  ['another scheme', { targets: ['https://a.example'] }, /must begin with wss:\/\/ or ws:\/\//],
  ['no scheme', { targets: ['a.example:8089'] }, /must begin with wss:\/\/ or ws:\/\//],
  ['a fragment', { targets: ['wss://a.example/ws#x'] }, /must not have a fragment/],
  ['a user', { targets: ['wss://u@a.example/ws'] }, /must not have a user name or password/],
  ['port 0', { targets: ['wss://a.example:0/ws'] }, /has a port beyond 1 to 65535/],
  ['port 65536', { targets: ['wss://a.example:65536/ws'] }, /has a port beyond 1 to 65535/],
  [
    'no port behind its colon',
    { targets: ['wss://a.example:/ws'] },
    /must be wss:\/\/ or ws:\/\/, a host/,
  ],
  ['no host', { targets: ['wss:///ws'] }, /must be wss:\/\/ or ws:\/\/, a host/],
  ['a host of other letters', { targets: ['wss://ä.example'] }, /in ASCII/],
  [
    'a number for an address',
    { targets: ['wss://0x7f.1/ws'] },
    /not spelt as URLs are: wss:\/\/127\.0\.0\.1\/ws/,
  ],
  [
    'dots in a path',
    { targets: ['wss://a.example/a/../b'] },
    /not spelt as URLs are: wss:\/\/a\.example\/b/,
  ],
  ['an address that is none', { targets: ['wss://256.1.1.1/ws'] }, /is not a URL/],
  [
    'nine targets',
    { targets: Array.from({ length: 9 }, () => 'wss://a.example') },
    /must have at most 8 items, has 9/,
  ],
  ['targets that are no list', { targets: 'wss://a.example' }, /targets must be a list, is "wss:/],
  ['{id} without match', { targets: ['wss://{id}.a.example'] }, /needs a match/],
  ['{id} as the scheme', { match: '1', targets: ['{id}://a.example'] }, /must begin with/],
  [
    '{id} in the port',
    { match: '1', targets: ['wss://a.example:80{id}/'] },
    /must not have \{id\} in its port/,
  ],
  [
    '{id} as the user',
    { match: '1', targets: ['wss://{id}@a.example/'] },
    /must not have a user name/,
  ],
  [
    '{id} as the host',
    { match: '1', targets: ['wss://{id}/ws'] },
    /needs a domain of its own behind \{id\}/,
  ],
  [
    '{id} at the end of the host',
    { match: '1', targets: ['wss://a.{id}'] },
    /needs a domain of its own/,
  ],
  [
    '{id} in an address',
    { match: '1', targets: ['wss://10.0.0.{id}'] },
    /needs a domain of its own/,
  ],
  [
    '{id} before an address',
    { match: '1', targets: ['wss://{id}.0.0.1'] },
    /needs a domain of its own/,
  ],
  [
    'something else to fill',
    { match: '1', targets: ['wss://{user}.a.example'] },
    /must be wss:|has only \{id\}/,
  ],
  [
    'something else in the path',
    { match: '1', targets: ['wss://a.example/{user}'] },
    /has only \{id\} to fill/,
  ],
  ['a pattern that never ends', { match: '^([0-9]+)+$' }, /match takes too long for some ids/],
  ['half a pattern', { match: 'a)|(b' }, /match is not a regular expression/],
  ['an empty pattern', { match: '' }, /match must not have fewer than 1 characters/],
  ['ca without extraCa', { tls: { ca: ['x.pem'] } }, /tls\.ca needs trust: extraCa, not system/],
  ['extraCa without ca', { tls: { trust: 'extraCa' } }, /tls\.trust extraCa needs ca/],
  ['an empty ca', { tls: { trust: 'extraCa', ca: [] } }, /tls\.ca must not be empty/],
  ['pins without pin', { tls: { trust: 'system', pins } }, /tls\.pins needs trust: pin/],
  ['pin without pins', { tls: { trust: 'pin' } }, /tls\.trust pin needs pins/],
  ['no pins', { tls: { trust: 'pin', pins: [] } }, /tls\.pins must not be empty/],
  [
    'a server name with a port',
    { tls: { servername: 'a.example:1' } },
    /servername must be a host name/,
  ],
  ['a name with a slash', { name: 'a/b' }, /name must be 1 to 64 letters/],
  ['a long name', { name: 'a'.repeat(65) }, /name must be 1 to 64 letters/],
  ['a header in the origin', { origin: 'https://a\r\nX: y' }, /origin must be an origin/],
  ['a host with a space', { contactHost: 'a b' }, /contactHost must be a host/],
  ['a port of a Contact', { contactHost: 'a:65536' }, /contactHost must be a host/],
  ['half a socket', { maxSockets: 1.5 }, /maxSockets must be integer, is 1.5/],
  ['nothing', { sipDomain: null }, /sipDomain must be string, is null/],
  [
    'a prototype',
    JSON.parse('{"__proto__":{"auth":"required"}}') as object,
    /__proto__ is not known/,
  ],
  ['what every object has', { constructor: 1 }, /constructor is not known/],
]

for (const [what, values, mistake] of kinds) {
  t.test(`an upstream with ${what} is refused`, (t) => {
    const found = told(t, one(values))
    t.ok(
      found.some((reason) => mistake.test(reason)),
      found.join('\n'),
    )
    t.end()
  })
}

t.test('what is no list of upstreams is refused', (t) => {
  t.match(told(t, ''), [/^line 1: it must be an object, is null/])
  t.match(told(t, '[]'), [/^line 1: it must be an object, is a list/])
  t.match(told(t, 'x: 1'), [/^line 1: upstreams is missing/, /^line 1: x is not known/])
  t.match(told(t, 'upstreams: [1]'), [/^line 1: upstreams\[0\] must be an object, is 1/])
  t.match(told(t, 'upstreams: []\n---\nupstreams: []'), [/^line 2: .*multiple documents/])
  t.match(told(t, 'upstreams: [\n  {'), [/^line \d: /, /^line \d: /])
  t.match(told(t, 'upstreams: !!js/function x'), [/^line 1: Unresolved tag/, /must be a list/])
  t.end()
})

t.test('a name that stands twice is told beside everything else', (t) => {
  const text = 'upstreams:\n  - name: a\n    targets: []\n    name: b\n'
  t.match(told(t, text), [
    /^line 4: Map keys must be unique/,
    /^line 3: .*targets must not be empty/,
  ])
  const json = '{"upstreams": [],\n "upstreams": []}'
  t.match(told(t, json), [/^line 2: Map keys must be unique/])
  t.end()
})

t.test('insecure needs a setting and a store of its own', (t) => {
  const text = one({ tls: { trust: 'insecure' } })
  t.match(told(t, text), [/line 6: .*tls.trust insecure needs ALLOW_INSECURE_UPSTREAM=1/])
  t.match(told(t, text, { allowInsecureUpstream: true, replicated: true }), [
    /insecure is refused while DATABASE_URL is set/,
  ])
  t.equal(told(t, text, { ...settings, replicated: true }).length, 2)
  t.strictSame(told(t, text, { allowInsecureUpstream: true, replicated: false }), [])
  t.end()
})

t.test('aliases that multiply the file, or stand for nothing, are mistakes', (t) => {
  const bomb = [
    'upstreams:',
    '  - &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 9 }, (_, index) => `  - &a${index + 1} [${`*a${index}, `.repeat(9)}x]`),
  ]
  t.match(told(t, bomb.join('\n')), [/^line 1: Excessive alias count/])
  t.match(told(t, 'upstreams:\n  - name: *nobody\n'), [/^line 2: Unresolved alias/])
  t.match(told(t, 'upstreams: &all [*all]\n'), [
    /^line 1: upstreams\[0\] must be an object, is a list/,
  ])
  t.end()
})

t.test('every file of certificates that is of no use is named', (t) => {
  const bad = told(t, one({ tls: { trust: 'extraCa', ca: ['absent.pem', 'upstreams.yaml'] } }))
  t.match(bad, [
    /line 8: upstreams\[0\]\.tls\.ca\[0\] names a file of no use: .*absent\.pem is not there/,
    /line 9: upstreams\[0\]\.tls\.ca\[1\] names a file of no use: .*upstreams\.yaml has no certificate/,
  ])
  t.end()
})

t.test('a file that is none, or far too large, is a mistake and not a hang', (t) => {
  const dir = temporaryDir(t)
  execFileSync('mkfifo', [join(dir, 'pipe')])
  writeFileSync(join(dir, 'large'), '#'.repeat(1_048_577))
  for (const name of ['absent', '.', 'pipe', 'large']) {
    const upstreamsFile = join(dir, name)
    t.match(upstreamsMistakes({ ...settings, upstreamsFile }), [
      { name: 'SIP_UPSTREAMS_FILE', reason: /cannot be read/ },
    ])
  }
  t.end()
})

t.test('of the wrong file a hundred mistakes are told, each in a few words', (t) => {
  const long = 'x'.repeat(500)
  const upstreams = Array.from({ length: 300 }, () => ({ name: long, targets: [long], [long]: 1 }))
  const found = told(t, stringify({ upstreams }))
  t.equal(found.length, 101)
  t.ok(found.every((reason) => reason.length < 400))
  t.match(found.at(-1), '800 more mistakes')
  t.end()
})
