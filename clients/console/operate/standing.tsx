import type { ComponentChild } from 'preact'

/** How something stands: well, about to end, over, or wrong. */
export type Tone = 'well' | 'soon' | 'over' | 'wrong'

/** The shape of each, so that it never is a matter of colour alone. */
const shapes: Readonly<Record<Tone, ComponentChild>> = {
  well: <path d="m3 8.500 3.200 3.200L13 5" />,
  soon: <path d="M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM8 5v3.300l2.200 1.500" />,
  over: <path d="M3.500 8h9" />,
  wrong: <path d="M8 2 14.500 13.500h-13zM8 6.500v3M8 11.400v.1" />,
}

/** A word for how something stands, with its colour and shape. */
export function Standing({ tone, word }: { tone: Tone; word: string }) {
  return (
    <span class={`stands ${tone}`}>
      <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
        {shapes[tone]}
      </svg>
      {word}
    </span>
  )
}
