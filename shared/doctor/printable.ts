const most = 200

/** What a stranger said, fit for a terminal: one line, no control characters, and not too long. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}

/** A piece of advice as a sentence. */
export function sentence(text: string): string {
  const line = printable(text)
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?…]$/.test(line) ? '' : '.'}`
}
