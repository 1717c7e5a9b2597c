import t from 'tap'
import { deleted, inserted, replaced, write } from '@switchhook/shared/sip'
import { head, registerWith } from './sip-sample.ts'

t.test('edits change what they name, and nothing else', (t) => {
  const message = registerWith('m:   <sip:a@b>  ', 'Subject:one\r\n two', 'X:  y')
  const [contact] = message.rowsOf('contact')
  const [subject] = message.rowsOf('subject')
  const written = write(message, [
    deleted(message, subject!),
    replaced(message.row(contact!).value, '<sip:c@d>'),
    inserted(message, 0, { name: 'Via', value: 'first' }),
    inserted(message, 0, { name: 'Via', value: 'second' }),
    inserted(message, message.rowCount, { name: 'Z', value: 'last' }),
  ])
  const [first, ...others] = head
  t.equal(
    written.toString(),
    [
      first,
      'Via: first',
      'Via: second',
      ...others,
      'm:   <sip:c@d>  ',
      'X:  y',
      'Z: last',
      '',
      '',
    ].join('\r\n'),
  )
  t.throws(() => write(message, [deleted(message, 1), deleted(message, 1)]), /overlap/)
  t.end()
})

t.test('nobody writes a line of their own into a message', (t) => {
  const message = registerWith()
  for (const text of ['a\r\nX: y', 'a\rb', 'a\nb', 'a\0b']) {
    t.throws(() => replaced({ start: 0, end: 1 }, text))
    t.throws(() => inserted(message, 0, { name: 'X', value: text }))
    t.throws(() => inserted(message, 0, { name: text, value: 'x' }))
  }
  t.end()
})
