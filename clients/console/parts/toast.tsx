import { useEffect, useRef, useState } from 'preact/hooks'

const shownMs = 2_000

/** Something to say for a moment, and how to say it. */
export function useToast(): [said: string, say: (text: string) => void] {
  const [said, setSaid] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const say = (text: string): void => {
    setSaid(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setSaid(''), shownMs)
  }
  return [said, say]
}

/** Shows it at the foot of the page, and to screen readers. */
export function Toast({ said }: { said: string }) {
  return (
    <p class="toast" role="status">
      {said}
    </p>
  )
}
