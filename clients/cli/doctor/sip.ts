import { examineSip } from '@switchhook/shared/doctor'
import { command } from '../command.ts'
import { progress, report } from './report.ts'
import { onlyUrl } from './target.ts'
import { examinationOf, tlsFlags, written } from './tls.ts'

/** Finds out where and how a PBX speaks SIP over WebSocket. */
export const doctorSip = command({
  summary: 'Finds the path, port and subprotocol by which a PBX speaks SIP over WebSocket.',
  words: '<wss://host[:port][/path]>',
  flags: tlsFlags,
  async run({ flags, words, out }) {
    const url = onlyUrl(words, ['wss:', 'ws:'])
    progress(out, `Trying ${url.href} and the usual places of ${url.hostname}, for 10 s at most …`)
    return report(written(examineSip(examinationOf(url, flags)), flags.out), out)
  },
})
