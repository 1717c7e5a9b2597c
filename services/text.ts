import { Type } from 'typebox'

/** Texts that every store takes and gives back as they are: whole characters, of which none is a control character. */
export const plainText = {
  pattern: '^[^\\p{Cc}\\p{Cs}]*$',
  mistake: 'must be text without control characters',
}

/** A text of an answer; null where there is none. */
export const TextOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
