/** A command that a page shows, with what it shows of the answer. */
export interface Example {
  readonly command: string
  /** Empty: the page leaves it out. */
  readonly answer: string
}

/** The commands of the `console` blocks of a page, in their order; a `\` at the end of a line goes on in the next one. */
export function examplesIn(page: string): Example[] {
  const blocks = [...page.matchAll(/^ *```console\n([^]*?)^ *```$/gm)].map((match) => match[1]!)
  return blocks.flatMap((block) =>
    block
      .replaceAll(/^ +/gm, '')
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [, command = '', answer = ''] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(text)!
        return { command, answer: answer.trim() }
      }),
  )
}

/** What is another one each time, by what stands for it. */
const volatile: readonly [RegExp, string][] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/app_\w+/g, '<key>'],
  [/req-\w+/g, '<request>'],
  [/\b[A-Za-z0-9]{1,32}:\d{1,15}\b/g, '<cursor>'],
  [/\b(?=\w*\d)[\w-]{20,}/g, '<opaque>'],
  [/\b[0-9a-f]{8}\b/g, '<fingerprint>'],
  [/\d+/g, '<number>'],
]

/** The ways in which an answer is not what a page shows; `…` stands for anything. */
export function differences(shown: string, answer: string): string[] {
  const [wanted, given] = [jsonIn(shown), jsonIn(answer)]
  if (wanted !== undefined && given !== undefined) return unlike(wanted, given, '')
  const lines = answer.split(/\r?\n/)
  return shown
    .split('\n')
    .filter((line) => !lines.some((other) => isLike(line, other)))
    .map((line) => `${line}: is not in ${answer}`)
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function unlike(shown: unknown, given: unknown, path: string): string[] {
  if (isObject(shown) && isObject(given)) {
    const names = new Set([...Object.keys(shown), ...Object.keys(given)])
    return [...names].flatMap((name) => unlike(shown[name], given[name], `${path}.${name}`))
  }
  const isSame =
    typeof shown === 'string' && typeof given === 'string'
      ? isLike(shown, given)
      : shown === given || (typeof shown === 'number' && typeof given === 'number')
  return isSame ? [] : [`${path}: ${JSON.stringify(shown)} became ${JSON.stringify(given)}`]
}

/** Lists too: their places are names. */
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function isLike(shown: string, given: string): boolean {
  if (!shown.includes('…')) return stable(shown) === stable(given)
  const parts = shown.split('…').map((part) => RegExp.escape(stable(part)))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(stable(given))
}

function stable(text: string): string {
  return volatile.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), text)
}
