import { textOf } from './convert.ts'
import { namesOf, variablesOf, type Leaf } from './leaf.ts'
import { choicesOf } from './validate.ts'
import type { TObject } from 'typebox'

const width = 98

/** Every variable as a row of a Markdown table: name, default, meaning. */
export function environmentTable(schema: TObject): string {
  const rows = variablesOf(schema).map((leaf) => {
    const names = namesOf(leaf).map((name) => `\`${name}\``)
    const cells = [names.join(', '), defaultCell(leaf), sentencesOf(leaf).join(' ')]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

/** A `.env` to start from: every variable commented out, with its default and its meaning above it. */
export function exampleFile(schema: TObject): string {
  const entries = variablesOf(schema).map((leaf) => {
    const value =
      leaf.keywords.default === undefined ? '' : textOf(leaf.keywords.default, leaf.keywords)
    const comment = wrap(sentencesOf(leaf).join(' ')).map((line) => `# ${line}`)
    return [...comment, `#${leaf.name}=${quoted(value)}`].join('\n')
  })
  const head =
    '# Copy to .env and uncomment what you change. The real environment wins over this file.'
  return `${[head, ...entries].join('\n\n')}\n`
}

/** The generated documents of a configuration, by their path in the workspace. */
export function configDocuments(schema: TObject): Record<string, string> {
  return {
    'docs/configuration.md': `${introduction}\n\n${environmentTable(schema)}\n`,
    '.env.example': exampleFile(schema),
  }
}

const introduction = `# Configuration

Everything is set by environment variables, or in a file \`.env\` at the root of the workspace; the real environment
wins. An empty value counts as not set. A secret \`NAME\` may also be given as \`NAME_FILE\`, the path of a file that
holds it. A missing or bad value ends the start with exit code 78 and one line for every mistake.

\`npx -y pnpm@12 switchhook config check\` shows what is in effect. This page and \`.env.example\` are written by
\`npx -y pnpm@12 switchhook config docs\`; edit the schemas, not the page.`

function sentencesOf({ keywords }: Leaf): string[] {
  const choices = choicesOf(keywords)
  return [
    keywords.description ?? '',
    choices ? `One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.` : '',
    keywords.secret ? 'Secret.' : '',
    keywords.example ? `Example: \`${keywords.example}\`.` : '',
  ].filter((sentence) => sentence !== '')
}

function defaultCell({ keywords, required }: Leaf): string {
  if (keywords.generated !== undefined) return 'generated with the embedded store'
  if (keywords.default === undefined) return required ? 'required' : '–'
  const text = textOf(keywords.default, keywords)
  return text === '' ? '–' : `\`${text}\``
}

function quoted(value: string): string {
  return /[\s#"'`]/.test(value) ? JSON.stringify(value) : value
}

function wrap(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
