import type { Tone } from '../operate/standing.tsx'

/** What became of a delivery. */
export const statuses = ['accepted', 'quarantined', 'conflict', 'duplicate', 'purged'] as const
export type Status = (typeof statuses)[number]

/** A status in words that need no manual. */
interface Meaning {
  readonly tone: Tone
  readonly text: string
}

const meanings: Readonly<Record<Status, Meaning>> = {
  accepted: {
    tone: 'well',
    text: 'It was understood: its events are in the log, and whoever follows them has them.',
  },
  quarantined: {
    tone: 'wrong',
    text: 'It is signed by the provider, but nobody could read it. It is kept and made no event; run it again after an update.',
  },
  conflict: {
    tone: 'wrong',
    text: 'It has the id of an earlier delivery and says something else. The earlier one holds; compare the two.',
  },
  duplicate: {
    tone: 'over',
    text: 'It could not be read at first, and turned out to say what another delivery had said already.',
  },
  purged: {
    tone: 'over',
    text: 'What it said was removed, by its age or by somebody. That it came is remembered, so a copy is known as one.',
  },
}

const unknown: Meaning = { tone: 'over', text: 'This page does not know the status.' }

/** What a status means; a later server may have more of them. */
export function meaningOf(status: string): Meaning {
  return Object.hasOwn(meanings, status) ? meanings[status as Status] : unknown
}
