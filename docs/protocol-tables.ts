import { asyncapi } from '../services/event-hub/asyncapi/index.ts'
import { Options } from '../services/event-hub/config.ts'
import { environmentTable } from '../shared/config/index.ts'
import {
  clientAnswers,
  clientMessages,
  controlFrames,
  EventData,
  EventFrame,
} from '../shared/messages/index.ts'
import { closeCodes, type AfterClose } from '../shared/protocol/close-codes.ts'
import { alignedTable } from './table.ts'

/** A schema as far as the tables look into it. */
interface Described {
  /** Of an option. */
  readonly env?: string
  readonly default?: unknown
  readonly description?: string
  readonly properties?: Fields
  readonly required?: readonly string[] | undefined
  readonly anyOf?: readonly Described[]
}

type Fields = Readonly<Record<string, Described>>

const afterClose: Readonly<Record<AfterClose, string>> = {
  stop: 'stays away',
  token: 'tries once more, with a fresh token',
  retry: 'comes back, a little later each time',
  now: 'comes back at once',
}

/** What a client meets; the rest of the hub's options is of no concern to it. */
const clientLimits = [
  'messageBytes',
  'messageRate',
  'messageBurst',
  'subscriptions',
  'authSeconds',
  'heartbeatSeconds',
  'idleSeconds',
  'slowBytes',
  'backlogBytes',
  'stallSeconds',
  'socketsPerUser',
  'socketsPerApp',
  'admissionRate',
  'admissionBurst',
  'replayEvents',
  'snapshotCalls',
  'drainSeconds',
  'drainSlotSeconds',
  'rotationSeconds',
] as const

const options = Options.properties as Fields

/** The tables of `docs/protocol.md`, by the heading that they stand under alone. */
const tables: Readonly<Record<string, () => string>> = {
  'Fields of an event': () => fieldTable(EventFrame as Described),
  'Fields of `data`': () => fieldTable(EventData as Described),
  'Every frame': frameTable,
  'Every message': messageTable,
  'Close codes': () => alignedTable(closeTable()),
  Limits: limitTable,
}

/** The page with each table as it would be written now. */
export function withProtocolTables(page: string): string {
  return Object.entries(tables).reduce((text, [heading, table]) => {
    const section = new RegExp(`(?<=^##+ ${heading}\n\n)(?:\\|[^\n]*\n)*\n?`, 'm')
    if (!section.test(text)) throw new Error(`docs/protocol.md has no section ${heading}`)
    return text.replace(section, () => `${table()}\n`)
  }, page)
}

/** `docs/asyncapi.json`, for a hub with every setting as it comes. */
export function asyncapiFile(): string {
  const publicUrl = 'https://calls.example.com'
  const defaults = Object.entries(options).map(([name, schema]) => [name, schema.default])
  const limits = Object.fromEntries(defaults) as Options
  const document = asyncapi({ publicUrl, limits })
  return `${JSON.stringify(document, null, 2)}\n`
}

/** What each code means, and what the client of this workspace does. */
export function closeTable(): string {
  const closes = Object.values(closeCodes).map(({ code, when, client }) => [
    String(code),
    when,
    afterClose[client],
  ])
  return tableOf(['code', 'when', 'the client'], closes)
}

function limitTable(): string {
  const settings = clientLimits.map((name) => `| \`${options[name]?.env}\` |`)
  const [head, rule, ...rows] = environmentTable(Options).split('\n')
  const own = rows.filter((row) => settings.some((setting) => row.startsWith(setting)))
  return alignedTable([head, rule, ...own].join('\n'))
}

function fieldTable({ properties = {}, required = [] }: Described): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}${required.includes(name) ? '' : '?'}\``,
    descriptionOf(schema),
  ])
  return alignedTable(tableOf(['field', 'meaning'], rows))
}

function frameTable(): string {
  const rows = Object.entries(controlFrames as Fields).map(([name, schema]) => [
    `\`${name}\``,
    fieldsOf(schema),
    descriptionOf(schema),
  ])
  return alignedTable(tableOf(['event', 'data', 'meaning'], rows))
}

function messageTable(): string {
  const rows = Object.entries(clientMessages as Fields).map(([type, schema]) => [
    `\`${type}\``,
    (schema.anyOf ?? [schema]).map(fieldsOf).join(' or '),
    descriptionOf(schema),
    answersOf(type as keyof typeof clientAnswers),
  ])
  return alignedTable(tableOf(['type', 'data', 'meaning', 'answer'], rows))
}

function answersOf(type: keyof typeof clientAnswers): string {
  return clientAnswers[type].map((name) => `\`${name}\``).join(' or ') || '–'
}

function fieldsOf({ properties = {}, required = [] }: Described): string {
  const names = Object.keys(properties).map(
    (name) => `\`${name}${required.includes(name) ? '' : '?'}\``,
  )
  return names.join(', ') || '–'
}

/** Of a field that may be null: of what it is otherwise. */
function descriptionOf({ description, anyOf = [] }: Described): string {
  return description ?? anyOf.find((one) => one.description !== undefined)?.description ?? '–'
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}
