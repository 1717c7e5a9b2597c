/** Texts that every store takes and gives back as they are: whole characters, of which none is a control character. */
export const plainText = '^[^\\p{Cc}\\p{Cs}]*$'
