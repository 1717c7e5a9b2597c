import type { ComponentChild } from 'preact'
import type { Look } from '../live/look.ts'

/** The shape of each look, so that it never is a matter of colour alone. */
const shapes: Readonly<Record<Look, ComponentChild>> = {
  unknown: <path d="M8 3v10M3 8h10" />,
  initiated: <circle cx="8" cy="8" r="4.5" />,
  queued: <path d="M3.500 4.500h9M3.500 8h9M3.500 11.500h5" />,
  ringing: (
    <path
      class="solid"
      d="M8 1.500a1 1 0 0 1 1 1v.4c2 .4 3.400 2.100 3.400 4.200 0 2.600.6 3.500 1.400 4.200H2.200c.8-.7 1.400-1.600 1.400-4.200 0-2.100 1.400-3.800 3.400-4.200v-.4a1 1 0 0 1 1-1zM6.300 12.600h3.400a1.700 1.700 0 0 1-3.400 0z"
    />
  ),
  answered: <circle class="solid" cx="8" cy="8" r="5" />,
  held: <path class="solid" d="M3.500 3h3.200v10H3.500zM9.300 3h3.200v10H9.300z" />,
  ended: <path d="M3.500 8h9" />,
  missed: <path d="M13 4 8.200 9 3 4M3 8.200V4h4.200" />,
  failed: <path d="m4 4 8 8M12 4l-8 8" />,
}

/** The shape of a look. */
export function Shape({ look }: { look: Look }) {
  return (
    <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
      {shapes[look]}
    </svg>
  )
}

const arrows = {
  inbound: { word: 'inbound', path: 'M12.500 3.500l-9 9M4 6v6.500h6.500' },
  outbound: { word: 'outbound', path: 'M3.500 12.500l9-9M5.500 3.500H12V10' },
  none: { word: 'direction not known', path: 'M4 8h8' },
} as const

/** Which way a call goes. */
export function Arrow({ direction }: { direction: 'inbound' | 'outbound' | null }) {
  const { word, path } = arrows[direction ?? 'none']
  return (
    <svg class={`arrow ${direction ?? ''}`} viewBox="0 0 16 16" role="img" aria-label={word}>
      <title>{word}</title>
      <path d={path} />
    </svg>
  )
}

/** The mark of the console: a handset on its hook. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path
        class="solid"
        d="M3 11c0-4.200 4.200-6.500 9-6.500s9 2.300 9 6.500v1.500h-5.700v-2.400c-2-.8-4.600-.8-6.600 0v2.400H3z"
      />
      <path d="M7 16v1.200A2.300 2.300 0 0 0 9.300 19.500h5.400a2.300 2.300 0 0 0 2.300-2.300V16" />
    </svg>
  )
}
