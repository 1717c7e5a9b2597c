import type { EventFrame } from '@switchhook/shared/events'

/** What a frame must show to be held against the promise. */
export type Evidence = Pick<EventFrame, 'id' | 'seq' | 'prev'>

/**
 * Holds what a client received from an empty journal's first event on against what the webhook answered: every
 * accepted event once, in order, numbered without a hole.
 * @returns what does not hold, in words
 */
export function objections(accepted: readonly string[], frames: readonly Evidence[]): string[] {
  const ids = frames.map(({ id }) => id)
  const missing = accepted.filter((id) => !ids.includes(id))
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  const strange = ids.filter((id) => !accepted.includes(id))
  const found = [
    ...missing.map((id) => `${id} was accepted and never arrived`),
    ...twice.map((id) => `${id} arrived more than once`),
    ...strange.map((id) => `${id} arrived and was never accepted`),
  ]
  if (found.length === 0 && ids.some((id, index) => id !== accepted[index])) {
    found.push('the events arrived in another order than they were accepted')
  }
  return [...found, ...frames.flatMap(misnumbered)]
}

function misnumbered({ id, seq, prev }: Evidence, index: number): string[] {
  if (seq === index + 1 && prev === index) return []
  return [`${id} has seq ${seq} after ${prev}, not ${index + 1} after ${index}`]
}
