import { choiceFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { exitCodes, UsageError } from '../exit-codes.ts'
import { issueToken } from '../jwt.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Prints a user token, and nothing else. */
export const token = command({
  summary: 'Prints a token to sign in with.',
  flags: {
    email: { type: 'string', value: '<address>', description: 'Whom the token is for.' },
    sub: { type: 'string', value: '<id>', description: "The user's id; the address if not given." },
    role: {
      type: 'string',
      value: '<role>',
      description: 'supervisor sees all calls, agent those of the user.',
    },
    app: { type: 'string', value: '<uuid>', description: 'The app; the only one if not given.' },
    ttl: {
      type: 'string',
      value: '<time>',
      description: 'How long it is valid, e.g. 30m, 12h, 7d.',
      default: '12h',
    },
  },
  async run({ flags: { email, sub, role, app, ttl }, environment, out }) {
    if (!email) throw new UsageError('--email is required, e.g. --email you@example.com')
    if (app !== undefined && !uuid.test(app)) throw new UsageError(`--app '${app}' is not a UUID`)
    const request = {
      email,
      sub,
      app,
      role: role === undefined ? undefined : choiceFlag('role', role, ['supervisor', 'agent']),
      ttlSeconds: secondsOf(ttl),
    }
    const issued = issueToken(request, environment)
    out.result(issued.token, issued)
    return exitCodes.ok
  },
})

function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? []
  if (count === '') throw new UsageError(`--ttl must be like 30m, 12h or 7d, is '${text}'`)
  return Number(count) * seconds[unit]!
}
