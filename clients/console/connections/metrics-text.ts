/** A value of a metric and the labels it has. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The samples of a metric in Prometheus' text format 0.0.4. */
export function samplesOf(text: string, name: string): Sample[] {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines.map((line) => {
    const [, labels = '', value] = /^\w+(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    return { labels: labelsOf(labels), value: Number(value) }
  })
}

function labelsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, value!]))
}
