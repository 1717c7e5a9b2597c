/** The table with its columns padded, as the formatter leaves it. */
export function alignedTable(table: string): string {
  const rows = table.split('\n').map((line) => line.slice(2, -2).split(/ (?<!\\)\| /))
  const [head = [], , ...body] = rows
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((row) => row.at(column)?.length ?? 0)),
  )
  const lines = rows.map((row, index) =>
    row.map((cell, column) => cell.padEnd(widths.at(column) ?? 0, index === 1 ? '-' : ' ')),
  )
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('')
}
