import { CodedError } from '@switchhook/shared/errors'

const maxState = 32

/** Of names, notes and ids, characters. */
export const maxText = 256

/** What a user may say. @throws CodedError `bad_frame` naming what is wrong */
export function said({ state, note = '' }: { state: string; note?: string }): {
  state: string
  note: string | null
} {
  mustBeText(state, { name: 'state', max: maxState })
  mustBeText(note, { name: 'note', max: maxText })
  if (state === '') throw wrong('state', 'is empty')
  return { state, note: note === '' ? null : note }
}

/** Words of others, as every engine can store them; a name or an id is never refused. */
export function stored(text: string): string {
  return text.replaceAll('\0', '').slice(0, maxText).toWellFormed()
}

function mustBeText(value: unknown, { name, max }: { name: string; max: number }): void {
  if (typeof value !== 'string') throw wrong(name, 'is not a text')
  if (value.length > max) throw wrong(name, `is longer than ${max} characters`)
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) throw wrong(name, 'has control characters')
}

function wrong(name: string, what: string): CodedError {
  return new CodedError('bad_frame', { args: [`${name} ${what}`] })
}
