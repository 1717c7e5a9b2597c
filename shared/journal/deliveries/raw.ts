/** A request as it came. */
export interface Raw {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** A request as it is kept: method, URL and headers as JSON, a newline, the body as it came. */
export function packRaw({ method, url, headers, body }: Raw): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify([method, url, headers])}\n`), body])
}

/** The place a raw delivery is sealed for: it opens nowhere else. */
export function sealPlace(app: string, delivery: string): string {
  return `deliveries/${app}/${delivery}`
}
