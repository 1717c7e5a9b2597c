import { useEffect, useRef, useState } from 'preact/hooks'

const thanksMs = 1_500

/** Copies text; the clipboard of the browser exists only on https and localhost. */
export async function copyText(text: string): Promise<void> {
  if ('clipboard' in navigator) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** A button that copies text and says so. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, say] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = async (): Promise<void> => {
    say(
      await copyText(text).then(
        () => 'Copied',
        () => 'Not allowed',
      ),
    )
    clearTimeout(timer.current)
    timer.current = setTimeout(() => say(''), thanksMs)
  }
  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">{said || label}</span>
    </button>
  )
}

/** A command or a program, with a button that copies it. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label} class={text.includes('\n') ? 'program' : 'command'}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} />
    </div>
  )
}
