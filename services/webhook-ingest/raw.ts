import type { Delivery, Method } from '@switchhook/shared/providers'

const newline = 0x0a

/** A delivery as it is kept: method, URL and headers as JSON, a newline, the body as it came. */
export function packRaw({ method, url, headers, body }: Delivery): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify([method, url, headers])}\n`), body])
}

/** The delivery of `packRaw`. Those of the first version had headers only. @throws if it is something else */
export function unpackRaw(packed: Buffer): Delivery {
  const cut = packed.indexOf(newline)
  const body = packed.subarray(cut + 1)
  const head: unknown = JSON.parse(packed.toString('utf8', 0, cut))
  if (!Array.isArray(head)) {
    return { method: 'POST', url: '', headers: head as Delivery['headers'], body }
  }
  const [method, url, headers] = head as [Method, string, Delivery['headers']]
  return { method, url, headers, body }
}

/** The place a raw delivery is sealed for: it opens nowhere else. */
export function sealPlace(app: string, delivery: string): string {
  return `deliveries/${app}/${delivery}`
}
