import type { Delivery, Method } from '@switchhook/shared/providers'

const newline = 0x0a

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
