/** A place in an app's journal. The epoch changes only when the journal itself is replaced. */
export interface Cursor {
  readonly epoch: string
  readonly seq: number
}

const pattern = /^([A-Za-z0-9]{1,32}):(0|[1-9][0-9]{0,14})$/

/** `k7:10482` → `{ epoch: 'k7', seq: 10482 }`; null if the text is no cursor. */
export function parseCursor(text: string): Cursor | null {
  const match = pattern.exec(text)
  return match ? { epoch: match[1]!, seq: Number(match[2]) } : null
}

/** The inverse of `parseCursor`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}:${cursor.seq}`
}
