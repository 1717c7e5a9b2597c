import { maskDigits, maskLink } from '@switchhook/shared/masking'
import type { DeliveryItem } from '@switchhook/shared/journal'
import type { Delivery } from '@switchhook/shared/providers'

/** Headers whose value is a secret, or proves as much as one until it ages. */
const secretHeaders = /^(authorization|cookie|.*(secret|signature|token|key|nonce).*)$/
/** What people said, which no operator needs in order to see what is wrong with a delivery. */
const spoken = /^(text|transcript|transcription_text|messages|message_history|summary|content)$/i
const hidden = '[hidden]'

/** A delivery in a list. */
export function listed(item: DeliveryItem) {
  const { id, provider, status, reason, receivedAt, bytes } = item
  return { id, provider, status, reason, receivedAt, bytes }
}

/** The request as it came; masked: without secrets, numbers, speech and signed links. */
export function requestView({ method, url, headers, body }: Delivery, masked: boolean) {
  if (!masked) return { method, url, headers, body: body.toString('utf8') }
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    secretHeaders.test(name) ? hidden : value,
  ])
  return {
    method,
    url: maskLink(url),
    headers: Object.fromEntries(shown) as Delivery['headers'],
    body: maskedBody(body),
  }
}

/** JSON and forms keep their names; of anything else only the size is told. */
function maskedBody(body: Buffer): unknown {
  const text = body.toString('utf8')
  try {
    return maskedValue(JSON.parse(text))
  } catch {
    if (!/^[\w.%+-]+=[^{}<>]*$/.test(text)) return `[${body.length} bytes]`
    return maskedValue(Object.fromEntries(new URLSearchParams(text)))
  }
}

function maskedValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskDigits(maskLink(value))
  if (typeof value === 'number') return maskedNumber(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 50) return hidden
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, depth + 1))
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    spoken.test(key) && item !== null ? hidden : maskedValue(item, depth + 1),
  ])
  return Object.fromEntries(entries) as unknown
}

/** Some providers tell telephone numbers as numbers; times in milliseconds look like them and go too. */
function maskedNumber(value: number): number | string {
  return Math.abs(value) < 1e6 ? value : maskDigits(String(value))
}
