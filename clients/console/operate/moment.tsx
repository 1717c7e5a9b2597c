import { formatMoment } from '../parts/time.ts'

interface MomentProps {
  /** RFC 3339; null: it never was or will be. */
  readonly time: string | null
  readonly none?: string
}

/** A point in time, in the reader's time zone. */
export function Moment({ time, none = '–' }: MomentProps) {
  if (time === null) return <>{none}</>
  return (
    <time dateTime={time} title={time}>
      {formatMoment(time)}
    </time>
  )
}
