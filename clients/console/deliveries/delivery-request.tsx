import { CopyButton } from '../parts/copy.tsx'
import type { KeptDelivery } from './delivery.ts'

interface DeliveryRequestProps {
  readonly kept: KeptDelivery
  /** Without numbers, speech and secrets. */
  readonly masked: boolean
}

/** The request as the provider sent it. */
export function DeliveryRequest({ kept: { request }, masked }: DeliveryRequestProps) {
  if (request === null) {
    return <p class="quiet">What it said was removed, so there is nothing to show or run again.</p>
  }
  const body = typeof request.body === 'string' ? pretty(request.body) : json(request.body)
  return (
    <section class="request" aria-labelledby="request-title">
      <h3 id="request-title">
        {masked ? 'Request, masked' : 'Request, as it came'}{' '}
        <CopyButton text={body} label="Copy body" />
      </h3>
      <p>
        <b>{request.method}</b> <code>{request.url}</code>
      </p>
      <pre tabIndex={0} aria-label="Headers">
        {Object.entries(request.headers)
          .map(([name, value]) => `${name}: ${[value].flat().join(', ')}`)
          .join('\n')}
      </pre>
      <pre tabIndex={0} aria-label="Body">
        {body}
      </pre>
    </section>
  )
}

/** JSON in lines, for people; anything else as it is. */
function pretty(text: string): string {
  try {
    return json(JSON.parse(text))
  } catch {
    return text
  }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)
