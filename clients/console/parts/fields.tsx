import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

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

/** A time of a filter, in the reader's own time zone. */
export function TimeField({ label, value, onValue }: Omit<TextProps, 'field' | 'placeholder'>) {
  return (
    <label class="field">
      {label}
      <input
        type="datetime-local"
        value={value}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  )
}

/** The filters of a list, in a line. */
export function Fields({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <search class="fields" aria-label={label}>
      {children}
    </search>
  )
}
