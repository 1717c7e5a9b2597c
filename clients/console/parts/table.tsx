import type { ComponentChildren } from 'preact'

/** Of numbers: they stand to the right. Unseen: only told. */
type Heading = string | { readonly number: string } | { readonly unseen: string }

interface TableProps {
  /** What it is called; or the heading that says so, by its id. */
  readonly label?: string
  readonly titleId?: string
  /** What it is styled as besides. */
  readonly kind?: string
  readonly headings: readonly Heading[]
  /** Its rows. */
  readonly children: ComponentChildren
}

/** Rows with something in common. */
export function Table({ label, titleId, kind = '', headings, children }: TableProps) {
  return (
    <table class={`table ${kind}`} aria-label={label} aria-labelledby={titleId}>
      <thead>
        <tr>{headings.map(headingCell)}</tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

function headingCell(heading: Heading) {
  if (typeof heading === 'string') return <th key={heading}>{heading}</th>
  if ('number' in heading) {
    return (
      <th key={heading.number} class="number">
        {heading.number}
      </th>
    )
  }
  return (
    <th key={heading.unseen}>
      <span class="unseen">{heading.unseen}</span>
    </th>
  )
}
