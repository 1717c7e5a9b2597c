import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { faultOf, inserted, isMalformed, parse, write } from '@switchhook/shared/sip'
import { good } from './sip-sample.ts'

interface Verdict {
  readonly file: string
  readonly verdict: 'accept' | 'reject' | 'discard' | 'lenient'
  readonly uasStatus: number | null
  readonly why: string
}

const folder = join(import.meta.dirname, '../fixtures/sip-torture')
const verdicts = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as Verdict[]
const octetsOf = (file: string): Buffer => readFileSync(join(folder, file))

/** Well formed: what is wrong with them shows only to whoever acts on them. */
const semantic = new Map([
  ['bcast.dat', 'sent to a broadcast address'],
  ['badbranch.dat', 'a branch that is nothing but its beginning'],
  ['baddate.dat', 'a Date that only an end point reads'],
])
/** Another status is as good: the method, which we do not know, need not be looked at first. */
const statuses = new Map([['mismatch02.dat', 400]])

t.test('every message of the folder has its verdict', (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.dat'))
  t.strictSame(
    files.toSorted(),
    verdicts.map(({ file }) => file).toSorted((one, two) => (one < two ? -1 : 1)),
  )
  t.equal(files.length, 49)
  t.end()
})

for (const { file, verdict, uasStatus, why } of verdicts) {
  const octets = octetsOf(file)
  const message = parse(octets)
  const fault = isMalformed(message) ? message : faultOf(message)

  if (verdict === 'accept' || semantic.has(file)) {
    t.test(`${file} is read, and written as it came: ${why}`, (t) => {
      t.equal(fault, null)
      t.ok(write(good(message), []).equals(octets))
      const via = { name: 'Via', value: 'SIP/2.0/TCP proxy.example;branch=z9hG4bKus' }
      const read = good(message)
      const written = write(read, [inserted(read, read.rowsOf('via')[0]!, via)])
      const row = `Via: ${via.value}\r\n`
      const place = written.indexOf(row)
      const rest = [written.subarray(0, place), written.subarray(place + row.length)]
      t.ok(Buffer.concat(rest).equals(octets), 'every other octet is as it was')
      t.equal(good(good(parse(written)).topVia).host.end > 0, true)
      t.end()
    })
  } else {
    t.test(`${file} is refused: ${why}`, (t) => {
      t.ok(fault)
      if (uasStatus !== null) t.equal(fault?.code, statuses.get(file) ?? uasStatus)
      t.end()
    })
  }
}

t.test('of a message of many spellings every header says what it says', (t) => {
  const message = good(parse(octetsOf('wsinv.dat')))
  const { octets } = message
  t.equal(message.method, 'INVITE')
  t.equal(message.text(message.requestUri!), 'sip:vivekg@chair-dnrc.example.com;unknownparam')
  t.equal(message.callId, 'wsinv.ndaksdj@192.0.2.1')
  t.strictSame(message.cseq, { number: 9, method: 'INVITE' })
  t.equal(message.maxForwards, 68)
  t.equal(message.contentLength, 150)
  const [from, to] = [good(message.from), good(message.to)]
  t.equal(message.text(from.uri), 'sip:jdrosen@example.com')
  t.equal(message.text(from.display!), 'J Rosenberg \\\\\\"')
  t.equal(message.param(from, 'tag'), '98asjd8')
  t.equal(message.param(to, 'tag'), '1918181833n')
  const vias = good(message.vias).map((via) => [
    message.text(via.transport),
    message.text(via.host),
  ])
  t.strictSame(vias, [
    ['UDP', '192.0.2.2'],
    ['TCP', 'spindle.example.com'],
    ['UDP', '192.168.255.111'],
  ])
  t.equal(message.param(good(message.topVia), 'branch'), '390skdjuw')
  const contacts = good(message.contacts)
  t.strictSame(contacts !== '*' && contacts.map((one) => message.param(one, 'q')), ['0.33'])
  t.strictSame(
    message.valuesNamed('newfangledheader').map((value) => message.text(value)),
    ['newfangled value continued newfangled value'],
  )
  t.strictSame(
    message.valuesNamed('UnknownHeaderWithUnusualValue').map((value) => message.text(value)),
    [';;,,;;,;'],
  )
  t.strictSame(
    message.valuesNamed('Subject').map((value) => message.text(value)),
    [''],
  )
  t.ok(message.body.equals(octets.subarray(octets.indexOf('\r\n\r\n') + 4)))
  t.end()
})

t.test('what follows the body that Content-Length tells of is none of it', (t) => {
  const message = good(parse(octetsOf('dblreq.dat')))
  t.equal(message.method, 'REGISTER')
  t.equal(message.body.length, 0)
  t.end()
})

t.test('a method in escapes is another method', (t) => {
  t.equal(good(parse(octetsOf('esc02.dat'))).method, 'RE%47IST%45R')
  t.end()
})

t.test('a parameter belongs to what it stands at', (t) => {
  const inHeader = good(parse(octetsOf('cparam01.dat')))
  const inUri = good(parse(octetsOf('cparam02.dat')))
  const params = (message: typeof inUri) => {
    const contacts = good(message.contacts)
    return contacts === '*' ? [] : contacts.map((one) => message.param(one, 'unknownparam'))
  }
  t.strictSame([params(inHeader), params(inUri)], [[''], [null]])
  t.end()
})
