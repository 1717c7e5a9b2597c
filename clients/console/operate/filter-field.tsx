import type { RefObject } from 'preact'

interface FilterFieldProps {
  readonly field: RefObject<HTMLInputElement | null>
  readonly label: string
  readonly value: string
  readonly onInput: (text: string) => void
}

/** The filter of a list; `/` leads to it. */
export function FilterField({ field, label, value, onInput }: FilterFieldProps) {
  return (
    <label class="filter">
      <span class="unseen">{label}</span>
      <input
        ref={field}
        type="search"
        placeholder="Filter"
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  )
}
