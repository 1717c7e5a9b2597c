import { readdirSync, readFileSync } from 'node:fs'
import type { Delivery, Method } from '@switchhook/shared/providers'

/** A signed delivery and what must become of it. */
export interface Fixture {
  readonly id: string
  readonly scenario: string
  /** Its place in the scenario; null if it stands alone. */
  readonly order: number | null
  /** Names of keys.json and settings, in the provider's own fields. */
  readonly config: Readonly<Record<string, unknown>>
  readonly clock_unix: number
  readonly request: {
    readonly method: Method
    readonly url: string
    readonly headers: readonly (readonly [string, string])[]
    readonly body_base64: string
  }
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'quarantine'
    readonly reason?: string
    readonly dedupe_key?: string
    readonly duplicate_of?: string | null
    readonly needs_config?: Readonly<Record<string, unknown>>
    readonly needs_response?: boolean
    readonly phase_after?: string | null
    readonly held_after?: boolean | null
    readonly events: readonly Readonly<Record<string, unknown>>[]
  }
  readonly oracle: { readonly key?: string; readonly accepts: boolean | null }
}

/** An entry of keys.json. */
export type Key = Readonly<Record<string, string | undefined>>

/** What a signature covers, or is: `body`, `url`, or the name of a header in lower case. */
export type SignedPart = string

export interface ProviderFixtures {
  readonly deliveries: readonly Fixture[]
  /** The credentials a fixture wants configured; `rotated` leaves out what only a rotation adds. */
  credentials(fixture: Fixture, rotated?: 'without the added key'): readonly string[]
  /** The settings a fixture wants. */
  settings(fixture: Fixture): object
  /**
   * The vendor's own verifier, by the clock of Date.now, with a credential: its verdict. Absent where the vendor
   * ships none.
   */
  vendorAccepts?(delivery: Delivery, credential: string): Promise<boolean>
  /** The parts of a fixture in which no bit may change. */
  signedParts(fixture: Fixture): readonly SignedPart[]
  /** The credential with a name of keys.json. */
  credential(name: string): string
  /** What the provider has to say, parsed, and a delivery that says something else, its signature aside. */
  readonly content: {
    read(delivery: Delivery): unknown
    write(delivery: Delivery, content: unknown): Delivery
  }
}

/** The content of providers whose body is JSON. */
export const jsonContent: ProviderFixtures['content'] = {
  read: ({ body }) => JSON.parse(body.toString()) as unknown,
  write: (delivery, content) => ({ ...delivery, body: Buffer.from(JSON.stringify(content)) }),
}

/** The content of providers who send forms: in the body or, without one, in the query; else JSON. */
export const formContent: ProviderFixtures['content'] = {
  read: (delivery) => {
    const { body } = delivery
    if (body[0] === 0x5b || body[0] === 0x7b) return jsonContent.read(delivery)
    return formOf(delivery)
  },
  write: (delivery, content) => {
    const isForm = delivery.body[0] !== 0x5b && delivery.body[0] !== 0x7b
    if (!isForm || typeof content !== 'object' || content === null) {
      return jsonContent.write(delivery, content)
    }
    const pairs = Object.entries(content).flatMap(([name, value]: [string, unknown]) =>
      (Array.isArray(value) ? (value as unknown[]) : [value]).map((one): [string, string] => [
        name,
        textOf(one),
      ]),
    )
    const text = new URLSearchParams(pairs).toString()
    if (delivery.body.length > 0) return { ...delivery, body: Buffer.from(text) }
    return { ...delivery, url: delivery.url.replace(/\?.*$/, `?${text}`) }
  },
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The parameters of a form as the vendors' libraries take them: repeated ones in a list. */
export function formOf({ url, body }: Delivery): Record<string, string | string[]> {
  const text = body.length > 0 ? body.toString() : new URL(url).search.slice(1)
  const form = new URLSearchParams(text)
  const entries = [...new Set(form.keys())].map((name): [string, string | string[]] => {
    const values = form.getAll(name)
    return [name, values.length > 1 ? values : values[0]!]
  })
  return Object.fromEntries(entries)
}

/** The deliveries of a provider's folder, and its keys by their name in keys.json. */
export function readFolder(name: string) {
  const folder = new URL(`../fixtures/providers/${name}/`, import.meta.url)
  const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
  const keys = JSON.parse(read('keys.json')) as Record<string, Key>
  const deliveries = readdirSync(folder)
    .filter((file) => file !== 'keys.json')
    .map((file) => JSON.parse(read(file)) as Fixture)
  return { deliveries, keys }
}

/** The request as Node's HTTP parser hands it over: header names in lower case. */
export function deliveryOf({ request }: Fixture): Delivery {
  const headers = request.headers.map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ])
  return {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(headers),
    body: Buffer.from(request.body_base64, 'base64'),
  }
}

/** Headers as the vendors' types want them; the fixtures repeat none. */
export function singleHeaders(headers: Delivery['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
