import t from 'tap'
import { parseRedisUrl, type RedisTarget } from '@switchhook/shared/redis'

const server: RedisTarget = {
  kind: 'single',
  nodes: [{ host: 'localhost', port: 6379 }],
  tls: false,
  credentials: null,
  master: '',
  database: 0,
}
const sentinels = [
  { host: 'a', port: 26_379 },
  { host: 'b', port: 26_380 },
]

const understood: Readonly<Record<string, Partial<RedisTarget>>> = {
  'redis://localhost': {},
  'redis://localhost:6379/0': {},
  'redis://localhost/': {},
  'redis://10.0.0.1:7000/15': { nodes: [{ host: '10.0.0.1', port: 7000 }], database: 15 },
  'redis://[::1]:6380': { nodes: [{ host: '::1', port: 6380 }] },
  'redis://[fe80::1]': { nodes: [{ host: 'fe80::1', port: 6379 }] },
  'redis://:secret@localhost': { credentials: { username: null, password: 'secret' } },
  'redis://ada:secret@localhost': { credentials: { username: 'ada', password: 'secret' } },
  'redis://ada:a%40b%2Fc%3A@localhost': { credentials: { username: 'ada', password: 'a@b/c:' } },
  'redis://:a:b@c@localhost': { credentials: { username: null, password: 'a:b@c' } },
  'rediss://localhost': { tls: true },
  'redis+sentinel://a,b:26380/mymaster': {
    kind: 'sentinel',
    nodes: sentinels,
    master: 'mymaster',
  },
  'rediss+sentinel://:secret@a:26379,b:26380/my%20master/3': {
    kind: 'sentinel',
    nodes: sentinels,
    tls: true,
    credentials: { username: null, password: 'secret' },
    master: 'my master',
    database: 3,
  },
  'redis+cluster://node-1.redis.svc,node_2:7001': {
    kind: 'cluster',
    nodes: [
      { host: 'node-1.redis.svc', port: 6379 },
      { host: 'node_2', port: 7001 },
    ],
  },
  'rediss+cluster://ada:secret@[::1]:7000/0': {
    kind: 'cluster',
    nodes: [{ host: '::1', port: 7000 }],
    tls: true,
    credentials: { username: 'ada', password: 'secret' },
  },
}

t.test('understands servers, sentinels and clusters', (t) => {
  for (const [url, part] of Object.entries(understood)) {
    t.strictSame(parseRedisUrl(url), { target: { ...server, ...part } }, url)
  }
  t.end()
})

const refused: Readonly<Record<string, RegExp>> = {
  '': /must begin with redis/,
  'localhost:6379': /must begin with redis/,
  'http://localhost': /must begin with redis/,
  'unix:///run/redis.sock': /must begin with redis/,
  'redis+nonsense://localhost': /must begin with redis/,
  'redis://': /needs host:port/,
  'redis:///3': /needs host:port/,
  'redis://local host': /needs host:port/,
  'redis://localhost:port': /needs host:port/,
  'redis://::1': /needs host:port/,
  'redis://localhost:0': /port from 1 to 65535/,
  'redis://localhost:65536': /port from 1 to 65535/,
  'redis://localhost/first': /number as database/,
  'redis://localhost/1/2': /number as database/,
  'redis://localhost/-1': /number as database/,
  'redis://a,b': /several hosts/,
  'redis://secret@localhost': /password before @/,
  'redis://ada:@localhost': /password before @/,
  'redis://@localhost': /password before @/,
  'redis://:secret%@localhost': /%25/,
  'redis://:sec#ret@localhost': /%23/,
  'redis://:sec/ret@localhost': /needs host:port/,
  'redis://localhost?tls=no': /no parameters/,
  'rediss://localhost/0?rejectUnauthorized=false': /no parameters/,
  'redis+sentinel://a,b': /name of the master/,
  'redis+sentinel://a,b//0': /name of the master/,
  'redis+sentinel://a,,b/mymaster': /needs host:port/,
  'redis+sentinel://a/mymaster/0/1': /more than a master and a database/,
  'redis+sentinel://a/mymaster/x': /number as database/,
  'redis+cluster://a,b/1': /only 0/,
  'redis+cluster://a,b/mymaster': /only 0/,
}

t.test('says what is wrong with others, and shows no part of them', (t) => {
  for (const [url, expected] of Object.entries(refused)) {
    const parsed = parseRedisUrl(url)
    const reason = 'reason' in parsed ? parsed.reason : ''
    t.match(reason, expected, url)
    t.notMatch(reason, /sec|ret/, url)
  }
  t.end()
})
