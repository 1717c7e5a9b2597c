import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readAuthorities, spkiPin } from '@switchhook/shared/tls-trust'
import { temporaryDir } from '../kit/build.ts'
import { makeAuthority, selfSigned, serveTls } from '../kit/certificates/index.ts'
import { attempt } from './tls-trust-attempt.ts'

const own = await makeAuthority('Own')
const leaf = await own.issue()

function written(t: Test, content: string | Buffer): string {
  const path = join(temporaryDir(t), 'some.pem')
  writeFileSync(path, content)
  return path
}

const plain = (pem: string): string => new X509Certificate(pem).toString()

t.test('files with one certificate or several become one list', async (t) => {
  const bundle = `# our authorities\r\n${own.root}\r\nand\n${own.intermediate}`
  const other = await makeAuthority('Other')
  const paths = [written(t, bundle), written(t, other.root.replaceAll('\n', '\r\n'))]
  t.strictSame(readAuthorities(paths), {
    ca: [own.root, own.intermediate, other.root].map(plain),
  })
  const pasted = own.root.replaceAll(/^/gm, '    ').replaceAll('\n', ' \r\n')
  const tabbed = own.intermediate.replaceAll(/^/gm, '\t')
  t.strictSame(readAuthorities([written(t, `ca: |\r\n${pasted}${tabbed}`)]), {
    ca: [own.root, own.intermediate].map(plain),
  })
  t.strictSame(readAuthorities([]), { ca: [] })
})

t.test('what was read is trusted', async (t) => {
  const read = readAuthorities([written(t, own.intermediate)])
  const server = await serveTls(t, { ...leaf, chain: [leaf.cert] })
  t.equal(await attempt(server, { trust: 'extraCa', ca: 'ca' in read ? read.ca : [] }), 'trusted')
})

t.test('a PBX that signed its own certificate may be given by it', async (t) => {
  const { cert } = await selfSigned()
  t.strictSame(readAuthorities([written(t, cert)]), { ca: [plain(cert)] })
})

t.test('a file that is of no use is named with what is wrong', (t) => {
  const dir = temporaryDir(t)
  mkdirSync(join(dir, 'certs'))
  const mistakeOf = (path: string): string => {
    const read = readAuthorities([written(t, own.root), path])
    return 'mistake' in read ? read.mistake.replace(path, 'FILE') : 'none'
  }
  const of = (content: string | Buffer): string => mistakeOf(written(t, content))
  const pin = spkiPin(new X509Certificate(leaf.cert))
  const server = `is the certificate of a server, not of an authority; to trust its key: { trust: pin, pins: ['${pin}'] }`
  t.equal(mistakeOf(join(dir, 'absent.pem')), 'FILE is not there')
  t.equal(mistakeOf(join(dir, 'certs')), 'FILE is a directory: name the files in it')
  t.equal(of(''), 'FILE is empty')
  t.equal(of('  \n'), 'FILE is empty')
  t.equal(of('hello'), 'FILE has no certificate: PEM begins with -----BEGIN CERTIFICATE-----')
  t.equal(of(leaf.key), 'FILE has a private key and no certificate')
  t.match(of(new X509Certificate(own.root).raw), 'FILE is DER, not PEM: openssl x509 -inform der')
  for (const cut of [own.root.slice(0, 300), own.root + own.intermediate.slice(0, 300)]) {
    t.equal(of(cut), 'FILE is cut off: a certificate begins and does not end')
  }
  t.equal(of(own.root.replace('MII', 'MIJ')), 'FILE is damaged: its certificate cannot be read')
  t.equal(of(leaf.cert), `FILE ${server}`)
  t.equal(of(own.root + leaf.cert), `FILE (certificate 2) ${server}`)
  t.equal(of(Buffer.alloc(2 ** 20 + 1, '\n')), 'FILE is larger than 1 MiB')
  t.end()
})
