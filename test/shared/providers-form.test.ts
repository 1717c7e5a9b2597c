import * as fc from 'fast-check'
import { test } from 'tap'
import {
  deliveredForm,
  formDigest,
  formFields,
  parameter,
  queryOf,
  readForm,
} from '../../shared/providers/form.ts'

const entriesOf = (text: string) => [...(readForm(text) ?? new Map<string, string[]>())]

test('a form keeps its names in order, and all the values of a repeated one', async (t) => {
  t.strictSame(entriesOf('b=2&a=1&b=1&c'), [
    ['b', ['2', '1']],
    ['a', ['1']],
    ['c', ['']],
  ])
  t.strictSame(entriesOf('a=%2B1+2%203&b=c=d'), [
    ['a', ['+1 2 3']],
    ['b', ['c=d']],
  ])
  t.strictSame(entriesOf(''), [])
})

test('whatever is written as a form is read as it was', async () => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const property = fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (pairs) => {
    const form = readForm(new URLSearchParams(pairs).toString())
    return pairs.every(([name]) => {
      const values = pairs.filter((pair) => pair[0] === name).map((pair) => pair[1])
      return JSON.stringify(form?.get(name)) === JSON.stringify(values)
    })
  })
  fc.assert(property, { numRuns: 1000 })
})

test('names of an object are names like others', async (t) => {
  const form = readForm('__proto__=1&constructor=2&toString=3')!
  t.equal(parameter(form, '__proto__'), '1')
  t.equal(parameter(form, 'hasOwnProperty'), null)
  const fields = formFields(form)
  t.strictSame(Object.keys(fields), ['__proto__', 'constructor', 'toString'])
  t.equal(Object.getPrototypeOf(fields), Object.prototype)
})

test('a leading question mark is part of the first name', async (t) => {
  t.strictSame(entriesOf('?a=1'), [['?a', ['1']]])
})

test('an escape has one spelling in a form', async (t) => {
  t.ok(readForm('a=%2B&b=%2B'))
  t.ok(readForm('a=%2b&b=%2b'))
  t.ok(readForm('a=%2B%3A%20'))
  for (const text of ['a=%2B&b=%2b', 'a=%aB', 'a=%Ab', 'a=%', 'a=%2', 'a=%zz', '%=1']) {
    t.equal(readForm(text), null, text)
  }
})

test('bytes that are no UTF-8 are replaced', async (t) => {
  t.strictSame(entriesOf('a=%FF%00'), [['a', ['\uFFFD\0']]])
})

test('a form has at most 1,000 parameters', async (t) => {
  t.equal(readForm('a&'.repeat(999) + 'a')?.get('a')?.length, 1000)
  t.equal(readForm('a&'.repeat(1000) + 'a'), null)
  t.equal(readForm('&'.repeat(5_000_000)), null)
})

test('of values that differ none is chosen, as their order is not signed', async (t) => {
  const form = readForm('a=1&a=2&b=3&b=3')!
  t.equal(parameter(form, 'a'), null)
  t.equal(parameter(form, 'b'), '3')
  t.equal(parameter(form, 'c'), null)
  t.strictSame({ ...formFields(form) }, { a: ['1', '2'], b: ['3', '3'] })
})

test('a digest is of what is said, not of the order', async (t) => {
  const digest = (text: string) => formDigest(readForm(text)!)
  t.equal(digest('a=1&b=2&b=3'), digest('b=3&b=2&a=1'))
  t.not(digest('a=1&b=2'), digest('a=1b=2'))
  t.not(digest('a=1&a=2'), digest('a=12'))
})

test('the form is in the body, or in the query of a request without one', async (t) => {
  const url = 'https://calls.example.com/x?a=1&b=%2B#a=3'
  t.equal(queryOf(url), 'a=1&b=%2B')
  t.equal(queryOf('https://calls.example.com/x#?a=1'), '')
  const asked = deliveredForm({ url, body: Buffer.alloc(0) })!
  t.strictSame([...asked.keys()], ['a', 'b'])
  const told = deliveredForm({ url, body: Buffer.from('c=1') })!
  t.strictSame([...told.keys()], ['c'])
})
