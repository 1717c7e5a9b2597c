import { Shape } from './shapes.tsx'
import type { Look } from '../live/look.ts'

/** The state of a call: word, colour and shape. A new state fades in once. */
export function Badge({ look }: { look: Look }) {
  return (
    <span key={look} class={`badge ${look}`}>
      <span class="lamp">
        <Shape look={look} />
      </span>
      {look}
    </span>
  )
}
