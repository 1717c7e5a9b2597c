/** A table as people paste it: from a file with commas or semicolons, or from a spreadsheet, whose cells tabs part. */
export function readTable(text: string): string[][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const separator = separatorOf(lines[0] ?? '')
  // RFC 4180 §2.5–2.7: a cell in quotes may hold the separator, and a quote as two.
  const cell = new RegExp(`${separator}\\s*(?:"((?:[^"]|"")*)"\\s*|([^${separator}]*))`, 'g')
  return lines.map((line) =>
    [...(separator + line).matchAll(cell)].map(([, quoted, plain = '']) =>
      (quoted?.replaceAll('""', '"') ?? plain).trim(),
    ),
  )
}

function separatorOf(line: string): string {
  if (line.includes('\t')) return '\t'
  return line.includes(';') && !line.includes(',') ? ';' : ','
}
