import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { refine } from '../route.ts'
import { isoOf } from './time.ts'

/** Typing rests this long before it is looked up. */
const restMs = 300

interface SelectProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, title: string])[]
  readonly onValue: (value: string) => void
}

/** A choice of a filter. */
export function SelectField({ label, value, options, onValue }: SelectProps) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {options.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}

interface TextProps {
  readonly label: string
  readonly value: string
  readonly placeholder: string
  /** Where the field can be reached. */
  readonly field?: RefObject<HTMLInputElement | null>
  readonly onValue: (value: string) => void
}

/**
 * Words of a filter; they are looked up when typing rests, or at once with Enter. What is typed
 * stays as it is typed, whatever is shown anew meanwhile, until somebody else sets the filter.
 */
export function TextField({ label, value, placeholder, field, onValue }: TextProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const told = useRef(value)
  const [typed, setTyped] = useState<string | null>(null)
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (value === told.current) return
    clearTimeout(timer.current)
    told.current = value
    setTyped(null)
  }, [value])
  const tell = (text: string, afterMs: number): void => {
    setTyped(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      told.current = text.trim()
      onValue(told.current)
    }, afterMs)
  }
  return (
    <label class="field">
      {label}
      <input
        ref={field ?? null}
        type="search"
        value={typed ?? value}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        maxLength={256}
        onInput={({ currentTarget }) => tell(currentTarget.value, restMs)}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && tell(currentTarget.value, 0)}
      />
    </label>
  )
}

/** A time of a filter, RFC 3339, or empty; shown in the reader's own time zone. */
export function TimeField({ label, value, onValue }: Omit<TextProps, 'field' | 'placeholder'>) {
  return (
    <label class="field">
      {label}
      <input
        type="datetime-local"
        value={localOf(value)}
        onChange={({ currentTarget }) => onValue(isoOf(currentTarget.value))}
      />
    </label>
  )
}

/** `2026-09-21T14:02`, in the reader's own time zone. */
function localOf(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The filters of a list, in a line. */
export function Fields({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <search class="fields" aria-label={label}>
      {children}
    </search>
  )
}

/** What a list is filtered by. */
export interface FiltersProps {
  readonly query: URLSearchParams
  /** Where `/` leads. */
  readonly search: RefObject<HTMLInputElement | null>
}

/** Sets a filter; it is in the address, so that it can be shared. */
export const setter = (name: string) => (value: string) => refine({ [name]: value })

/** Of whom: a number, an agent. */
export function PartyFields({ query, search }: FiltersProps) {
  return (
    <>
      <TextField
        label="Number"
        placeholder="+1 202 555…"
        field={search}
        value={query.get('number') ?? ''}
        onValue={setter('number')}
      />
      <TextField
        label="Agent"
        placeholder="e-mail or id"
        value={query.get('agent') ?? ''}
        onValue={setter('agent')}
      />
    </>
  )
}

/** From when, and until when. */
export function SpanFields({ query, labels }: Pick<FiltersProps, 'query'> & Labels) {
  return (['from', 'to'] as const).map((name) => (
    <TimeField
      key={name}
      label={labels[name]}
      value={query.get(name) ?? ''}
      onValue={setter(name)}
    />
  ))
}

interface Labels {
  readonly labels: Readonly<Record<'from' | 'to', string>>
}
