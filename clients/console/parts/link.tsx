import { formatAge, formatMoment, hubNow, useSeconds } from './time.ts'

interface MediaLinkProps {
  /** Where a provider keeps it; null: the link has expired. */
  readonly url: string | null
  /** When the link ends, RFC 3339; null if nobody said. */
  readonly expiresAt: string | null
  readonly title: string
}

/** A link to what a provider keeps, and how long it works. Only web addresses become links. */
export function MediaLink({ url, expiresAt, title }: MediaLinkProps) {
  useSeconds()
  const left = expiresAt === null ? null : Date.parse(expiresAt) - hubNow()
  if (url === null || (left !== null && left <= 0)) {
    return (
      <span class="quiet">
        {title}: the link has expired{expiresAt !== null && ` ${formatMoment(expiresAt)}`}
      </span>
    )
  }
  if (!/^https?:/i.test(url)) return <code>{url}</code>
  return (
    <span>
      <a href={url} target="_blank" rel="noreferrer">
        {title}
      </a>{' '}
      {left !== null && (
        <span class="quiet" title={formatMoment(expiresAt!)}>
          works for {formatAge(left)}
        </span>
      )}
    </span>
  )
}
