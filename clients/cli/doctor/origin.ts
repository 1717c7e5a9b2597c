import { examineOrigin } from '@switchhook/shared/doctor'
import { command } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { progress, report } from './report.ts'
import { onlyUrl } from './target.ts'
import { tokenFlags, tokenIn } from './token.ts'

/** Says whether pages of an origin may connect to a deployment. */
export const doctorOrigin = command({
  summary: 'Says whether pages of an origin may connect, and which setting to change.',
  words: '<https://deployment>',
  flags: {
    origin: {
      type: 'string',
      value: '<https://…>',
      description: 'Of the page, as its address bar shows it.',
    },
    ...tokenFlags,
  },
  async run({ flags, words, environment, out }) {
    const url = onlyUrl(words, ['https:', 'http:'])
    const { origin } = flags
    if (!origin) throw new UsageError('--origin is required, e.g. --origin https://crm.example.com')
    progress(out, `Asking ${url.host} …`)
    const token = tokenIn(flags, environment)
    return report(examineOrigin({ url, origin, token, now: Date.now }), out)
  },
})
