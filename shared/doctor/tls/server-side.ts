import { inOneLine } from './certificate.ts'
import { signedItself } from './chain.ts'
import type { Completed } from './complete.ts'

/** What to do at the PBX itself: better than any setting of ours; none if its chain is whole. */
export function serverSide({ path, found }: Completed): string[] {
  const missing = found.filter((each) => !signedItself(each))
  if (missing.length === 0) return []
  const files = ['leaf.pem', ...missing.map((_, index) => `intermediate${index || ''}.pem`)]
  const names = missing.map(({ subject }) => inOneLine(subject)).join(', ')
  return [
    `cat ${files.join(' ')} > fullchain.pem   # ${inOneLine(path[0]!.subject)}, then ${names}`,
    'Asterisk: tlscertfile=/etc/asterisk/keys/fullchain.pem in http.conf, then core reload',
    'Kamailio: certificate = /etc/kamailio/fullchain.pem in tls.cfg, then kamcmd tls.reload',
    'FreeSWITCH: cat fullchain.pem privkey.pem > tls/wss.pem, then sofia profile internal restart',
  ]
}
