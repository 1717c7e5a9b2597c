import { test } from 'tap'
import { parseJson } from '../../shared/providers/parse-json.ts'
import { fieldsOf, idText, limitDepth, plainText } from '../../shared/providers/untrusted.ts'

function parse(text: string): unknown {
  return parseJson(Buffer.from(text))
}

test('integers that would be rounded become strings, digit for digit', async (t) => {
  t.strictSame(parse('{"id":9007199254740993,"n":[-9007199254740993, 18446744073709551616]}'), {
    id: '9007199254740993',
    n: ['-9007199254740993', '18446744073709551616'],
  })
  t.equal(parse('12345678901234567890'), '12345678901234567890')
  t.strictSame(parse('{ "a" :\n\t9007199254740992 }'), { a: '9007199254740992' })
})

test('numbers that fit stay numbers, and digits in strings stay text', async (t) => {
  const text = String.raw`{"a":9007199254740991,"b":1.2345678901234567,"c":1e21,
    "d":-9007199254740991,"e":"x:12345678901234567890\\","f":"\" 12345678901234567890"}`
  t.strictSame(parse(text), JSON.parse(text))
  t.strictSame(parse('{"k":"\\\\","id":12345678901234567890}'), {
    k: '\\',
    id: '12345678901234567890',
  })
})

test('what is not JSON is refused, also next to a long integer', async (t) => {
  for (const text of [
    '',
    '<xml/>',
    '{"a":01234567890123456789}',
    '[12345678901234567890',
    '[1 2]',
  ]) {
    t.throws(() => parse(text), SyntaxError, text)
  }
})

test('a key named like a prototype is only data', async (t) => {
  const text = '{"__proto__":{"admin":12345678901234567890},"constructor":{"prototype":1}}'
  const parsed = fieldsOf(parse(text))!
  t.strictSame(Object.keys(parsed), ['__proto__', 'constructor'])
  t.equal(Object.getPrototypeOf(parsed), Object.prototype)
  t.equal(parsed.admin, undefined)
  const copy = limitDepth(parsed, 5)
  t.equal(Object.getPrototypeOf(copy), Object.prototype, 'also in a copy')
  t.equal(JSON.stringify(copy), JSON.stringify(parsed))
})

test('a byte order mark is skipped and invalid UTF-8 replaced', async (t) => {
  t.strictSame(parse('\uFEFF{"a":1}'), { a: 1 })
  const invalid = Buffer.from([0x22, 0x61, 0xff, 0xc0, 0x22])
  t.equal(parseJson(invalid), 'a\uFFFD\uFFFD')
})

test('depth does not matter, with and without long integers', async (t) => {
  for (const levels of [3000, 100_000]) {
    for (const core of ['1', '12345678901234567890']) {
      let value = parse('[{"a":'.repeat(levels) + core + '}]'.repeat(levels))
      while (Array.isArray(value)) value = fieldsOf(value[0])?.a
      t.equal(String(value), core)
    }
  }
})

test('untrusted ids become text that any store takes', async (t) => {
  t.equal(idText('a\0b'), 'a\uFFFDb')
  t.equal(idText('a\ud800b'), 'a\uFFFDb')
  t.equal(plainText('\udfff\ud83d\ude00'), '\uFFFD\ud83d\ude00')
  t.equal(idText(5123456789012480), '5123456789012480')
  t.equal(idText('x'.repeat(128)), 'x'.repeat(128))
  t.match(idText('x'.repeat(129)), /^sha256:[0-9a-f]{64}$/)
  for (const value of [null, undefined, '', true, {}, [], Number.NaN, Infinity])
    t.equal(idText(value), null)
})
