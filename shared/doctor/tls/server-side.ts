import { inOneLine } from './certificate.ts'
import { signedItself } from './chain.ts'
import type { Completed } from './complete.ts'

/** What to do at the PBX itself: better than any setting of ours; none if its chain is whole. */
export function serverSide({ path, found, sent }: Completed): string[] {
  const [leaf] = path
  const fetched = found.filter((each) => !signedItself(each)).map(({ subject }) => subject)
  const isAlone = sent.end === 'open' && sent.path.length === 1 && found.length === 0
  const missing = isAlone ? [leaf!.issuer] : fetched
  if (missing.length === 0) return []
  const files = ['leaf.pem', ...missing.map((_, index) => `intermediate${index || ''}.pem`)]
  const names = missing.map(inOneLine).join(', ')
  return [
    `cat ${files.join(' ')} > fullchain.pem   # ${inOneLine(leaf!.subject)}, then ${names}`,
    'Asterisk: tlscertfile=/etc/asterisk/keys/fullchain.pem in http.conf, then module reload http',
    'Kamailio: certificate = /etc/kamailio/fullchain.pem in tls.cfg, then kamcmd tls.reload',
    'FreeSWITCH: cat fullchain.pem privkey.pem > tls/wss.pem, then sofia profile internal restart',
  ]
}
