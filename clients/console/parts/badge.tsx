import { useMemo } from 'preact/hooks'
import { Shape } from './shapes.tsx'
import type { Look } from '../live/look.ts'

const secondMs = 1_000

/** The state of a call: word, colour and shape. A new state fades in once. */
export function Badge({ look }: { look: Look }) {
  // Every lamp on the board pulses in the same rhythm, whenever it was lit.
  const style = useMemo(
    () => ({ animationDelay: `-${Math.round(performance.now() % secondMs)}ms` }),
    [look],
  )
  return (
    <span key={look} class={`badge ${look}`}>
      <span class="lamp" style={style}>
        <Shape look={look} />
      </span>
      {look}
    </span>
  )
}
