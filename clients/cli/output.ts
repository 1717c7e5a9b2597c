import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command's words go: results on stdout, mistakes on stderr. */
export interface Output {
  /** Whether the caller wants JSON: one value per line on stdout, and nothing else. */
  readonly json: boolean
  /** A line for people; silent with `--json`. */
  say(text?: string): void
  /** The result itself: the text for people, or the value with `--json`. */
  result(text: string, value: unknown): void
  /** A line on stderr. */
  complain(text: string): void
}

/** Output to this process's stdout and stderr. */
export function processOutput(json: boolean): Output {
  return {
    json,
    say: (text = '') => void (json || console.log(text)),
    result: (text, value) => console.log(json ? JSON.stringify(value) : text),
    complain: (text) => console.error(text),
  }
}

/** Colours a text for stdout; NO_COLOR, FORCE_COLOR and pipes are respected. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
