import type { Test } from 'tap'

/** What no line of a log may show, whoever wrote it: by what it looks like. */
const leaks: readonly (readonly [string, RegExp])[] = [
  ['a telephone number', /\+\d{7,15}(?!\d)/],
  ['a token', /eyJ[\w-]{5,}\.[\w-]+\.[\w-]*/],
  ['a ticket', /t[1n]_[\w-]{43}/],
  ['a signing secret', /whsec_[\w+/]{20,}/],
  ['an API key', /(?:app|key)_[\da-zA-Z]{20,}/],
  ['a credential in a URL', /[?&](?:token|api_key|state|code|[\w-]*signature)=[^&\s"]{4,}/i],
  ['a bearer', /bearer [\w.~+/-]{8,}/i],
]

/** Watches every line of a log, and fails the test when one shows what it must not. */
export function watchLog(t: Test, secrets: readonly string[]): (line: string) => void {
  let found: string | null = null
  t.teardown(() => {
    if (found !== null) t.fail(`the log shows ${found}`)
  })
  return (line) => {
    const leak = leaks.find(([, pattern]) => pattern.test(line))
    if (leak) found ??= `${leak[0]}: ${line}`
    else if (secrets.some((secret) => line.includes(secret))) found ??= `a secret: ${line}`
  }
}
